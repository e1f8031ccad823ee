import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import TestSupport
import Testing

@Suite struct RepositoriesCollectorTests {
    private func account(
        _ configure: (inout SimulatorConfiguration) -> Void = { _ in },
        collection: (inout CollectionConfiguration) -> Void = { _ in }
    ) throws -> CollectedAccount {
        try CollectedAccount(
            buckets: 12, simulator: configure,
            collection: {
                $0.collectors = [RepositoriesCollector.name]
                collection(&$0)
            })
    }

    @Test func seriesMatchTheAPIsDescriptionBucketsAndTotals() async throws {
        let account = try account()
        let buckets = [account.id(0), account.id(3)]
        let id = account.simulation.createRepository(name: #"a "mirror""#, isMirror: true, buckets: buckets)
        account.simulation.setDisabled(true, repository: id)
        account.simulation.setTotals(
            SimulatedTotals(uploadBytes: 9_007_199_254_740_993, downloadBytes: 2, sizeChange: -3), ofRepository: id)
        let parsed = try await account.scrape()
        let label = ["repository_id": id, "repository_name": #"a "mirror""#]
        let info = try #require(parsed.samples("flashback_repository_info", label).first)
        #expect(info.labels["mode"] == "MIRROR" && info.labels["workspace_id"] == account.simulation.buckets[0].workspaceID)
        #expect(parsed.value("flashback_repository_disabled", label) == 1)
        #expect(parsed.value("flashback_repository_created_timestamp_seconds", label) == 1_705_314_600)
        let members = parsed.samples("flashback_repository_bucket_info", label)
        #expect(members.compactMap { $0.labels["bucket_id"] } == buckets)
        #expect(members.map { $0.labels["master"] } == ["true", "false"])
        #expect(members.allSatisfy { $0.labels["mode"] == "MIRROR" && $0.labels["folder"]?.isEmpty == false })
        #expect(parsed.samples("flashback_repository_upload_bytes_total", label).map(\.text) == ["9007199254740993"])
        #expect(parsed.value("flashback_repository_download_bytes_total", label) == 2)
        #expect(parsed.value("flashback_repository_size_change_bytes", label) == -3)
        #expect(parsed.samples("flashback_repository_info").count == account.simulation.repositories.count)
        let enabled = parsed.samples("flashback_repository_disabled").filter { $0.labels["repository_id"] != id }
        #expect(!enabled.isEmpty && enabled.allSatisfy { $0.value == 0 })
    }

    @Test func collectorIsOffByDefault() async throws {
        let account = try CollectedAccount()
        _ = await account.body()
        #expect(account.simulation.requests.count(.listRepositories) == 0)
        #expect(account.simulation.requests.count(.repositoryTotals) == 0)
    }

    @Test func fallingTotalIsHeldUntilThreeReadingsAgree() async throws {
        let account = try account()
        let id = account.simulation.repositories[0].id
        func upload(_ bytes: Int64) async throws -> String? {
            account.simulation.setTotals(
                SimulatedTotals(uploadBytes: bytes, downloadBytes: 1, sizeChange: bytes), ofRepository: id)
            return try await account.scrape(after: .seconds(60))
                .samples("flashback_repository_upload_bytes_total", ["repository_id": id]).first?.text
        }
        #expect(try await upload(1000) == "1000")
        #expect(try await upload(990) == "1000")
        #expect(try await upload(1010) == "1010")
        #expect(try await upload(7) == "1010")
        #expect(try await upload(8) == "1010")
        #expect(try await upload(9) == "9")
        let parsed = try await account.scrape()
        // One held reading each at 990, 7 and 8.
        #expect(parsed.value("flashback_repository_totals_regressions_total", ["repository_id": id]) == 3)
        #expect(parsed.value("flashback_repository_size_change_bytes", ["repository_id": id]) == 9)
    }

    @Test(arguments: [1, 10, 11])
    func totalsSurviveListsThatOmitTheRepository(_ omissions: Int) async throws {
        let account = try account()
        let id = account.simulation.repositories[0].id
        func scrape(upload bytes: Int64) async throws -> ParsedExposition {
            account.simulation.setTotals(SimulatedTotals(uploadBytes: bytes, downloadBytes: 1), ofRepository: id)
            return try await account.scrape(after: .seconds(60))
        }
        let (upload, regressions) = ("flashback_repository_upload_bytes_total", "flashback_repository_totals_regressions_total")
        _ = try await scrape(upload: 1000)
        let lagging = try await scrape(upload: 995)
        #expect(lagging.value(upload, ["repository_id": id]) == 1000)
        account.simulation.faults.add(
            .body(Array(#"{"success":true,"repos":[{"id":"other"},{"name":"malformed"}]}"#.utf8)), to: .listRepositories)
        for _ in 0..<omissions {
            #expect(try await scrape(upload: 995).samples(upload, ["repository_id": id]).isEmpty)
        }
        account.simulation.faults.removeAll()
        let returned = try await scrape(upload: 990)
        let isKept = omissions <= 10
        #expect(returned.value(upload, ["repository_id": id]) == (isKept ? 1000 : 990))
        #expect(returned.value(regressions, ["repository_id": id]) == (isKept ? 2 : 0))
    }

    @Test func missingTotalsAreZeroOnlyInCompleteResponses() async throws {
        let account = try account { $0.dialect.omitsIdleBuckets = true }
        let id = account.simulation.repositories[0].id
        account.simulation.setTotals(SimulatedTotals(), ofRepository: id)
        let label = ["repository_id": id]
        #expect(try await account.scrape().value("flashback_repository_upload_bytes_total", label) == 0)
        for (body, expected) in [
            (#"{"totalUploadBytes":"1"},"#, 0.0 as Double?), (#"{"repoId":"\#(id)","totalUploadBytes":"5"},"#, 5),
        ] {
            account.simulation.faults.removeAll()
            let stats = #"{"success":true,"stats":[\#(body){"repoId":"other"}]}"#
            account.simulation.faults.add(.body(Array(stats.utf8)), to: .repositoryTotals)
            let parsed = try await account.scrape(after: .seconds(60))
            #expect(parsed.value("flashback_repository_upload_bytes_total", label) == expected)
        }
        account.simulation.faults.removeAll()
        let unreadable = #"{"success":true,"stats":[{"totalUploadBytes":"1"},{"repoId":"other"}]}"#
        account.simulation.faults.add(.body(Array(unreadable.utf8)), to: .repositoryTotals)
        for expected in [5, 5, 5, nil] as [Double?] {
            let parsed = try await account.scrape(after: .seconds(60))
            #expect(parsed.value("flashback_repository_upload_bytes_total", label) == expected)
        }
        let fresh = try self.account()
        fresh.simulation.faults.add(
            .body(Array(#"{"success":true,"stats":[{"totalUploadBytes":"1"},{"repoId":"other"}]}"#.utf8)), to: .repositoryTotals)
        #expect(try await fresh.scrape()[family: "flashback_repository_upload_bytes_total"] == nil)
    }

    @Test func duplicatesAreMergedAndCounted() async throws {
        let account = try account()
        let repository = account.simulation.repositories[0]
        account.simulation.setExtraRows(2, ofRepository: repository.id)
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_repository_info", ["repository_id": repository.id]).count == 1)
        let members = parsed.samples("flashback_repository_bucket_info", ["repository_id": repository.id])
        #expect(members.count == repository.bucketIDs.count)
        // Two more rows in each list, and two of each bucket in the row that is kept.
        let duplicates = Double(2 + 2 + 2 * repository.bucketIDs.count)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == duplicates)
    }

    @Test(arguments: [SimulatedEndpoint.listRepositories, .repositoryTotals], [401, 403])
    func forbiddenRequestFailsThisCollectorOnly(_ endpoint: SimulatedEndpoint, _ status: Int) async throws {
        let account = try CollectedAccount(collection: { $0.collectors = Set(CollectorCatalogue.all.map { $0.name }) })
        let healthy = try await CollectedAccount().scrape()
        account.simulation.faults.add(.status(status), to: endpoint)
        let parsed = try await account.scrape()
        for collector in CollectorCatalogue.all {
            let expected = collector.name == RepositoriesCollector.name ? 0.0 : 1
            #expect(parsed.value("flashback_collector_success", ["collector": collector.name]) == expected, "\(collector.name)")
        }
        #expect(parsed.value("flashback_up") == 1)
        #expect(!parsed.families.contains { $0.name.hasPrefix("flashback_repository_") })
        for family in healthy.families where family.name.hasPrefix("flashback_bucket_") && !family.name.contains("collector") {
            #expect(parsed[family: family.name]?.samples == family.samples, "\(family.name)")
        }
    }

    @Test func credentialsAreNeitherExportedNorLogged() async throws {
        for endpoint in [nil, SimulatedEndpoint.repositoryTotals] {
            let account = try CollectedAccount(
                simulator: {
                    $0.canary = "CANARY-"
                    $0.dialect.clientFields = true
                }, collection: { $0.collectors = Set(CollectorCatalogue.all.map { $0.name }) })
            if let endpoint { account.simulation.faults.add(.status(500), to: endpoint) }
            let body = String(decoding: await account.body(), as: UTF8.self)
            #expect(body.contains("flashback_repository_bucket_info{") == (endpoint == nil))
            #expect(account.simulation.secrets.count > 3 * 6)
            for secret in account.simulation.secrets { #expect(secret.contains("CANARY-")) }
            #expect(!body.contains("CANARY-") && account.log.lines(with: "CANARY-").isEmpty)
        }
    }

    @Test func workspacesNarrowTheRepositoriesAndTheirTotals() async throws {
        let pattern = try Pattern(parsing: "workspace-1")
        for isPattern in [false, true] {
            let account = try account(collection: {
                if isPattern {
                    $0.selection.workspaces = PatternFilter(include: [pattern])
                } else {
                    $0.workspaceIDs = ["workspace-1"]
                }
            })
            let expected = account.simulation.repositories.filter { $0.workspaceID == "workspace-1" }.map(\.id)
            let parsed = try await account.scrape()
            for name in ["info", "upload_bytes_total"] {
                #expect(parsed.samples("flashback_repository_\(name)").compactMap { $0.labels["repository_id"] } == expected)
            }
        }
    }

    @Test func onlyTheFirstShardHasRepositories() async throws {
        for (index, isThere) in [(0, true), (1, false)] {
            let account = try account(collection: { $0.selection.shard = Shard(index: index, total: 2) })
            let parsed = try await account.scrape()
            #expect((parsed[family: "flashback_repository_info"] != nil) == isThere)
            #expect(account.simulation.requests.count(.listRepositories) == (isThere ? 1 : 0))
        }
    }
}
