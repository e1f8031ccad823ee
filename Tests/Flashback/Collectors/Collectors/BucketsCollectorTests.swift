import Basics
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import TestSupport
import Testing

@Suite struct BucketsCollectorTests {
    @Test func exactlyOneStatusHasTheValueOne() async throws {
        let account = try CollectedAccount(buckets: 5)
        for (number, word) in ["ONLINE", "offline", "ERROR", "DEGRADED"].enumerated() {
            account.simulation.setStatus(word, ofBucket: account.id(number))
        }
        let parsed = try await account.scrape()
        for (number, status) in ["online", "offline", "disconnected", "unknown"].enumerated() {
            let samples = parsed.samples("flashback_bucket_status", ["bucket_id": account.id(number)])
            #expect(samples.count == 4)
            #expect(samples.filter { $0.value == 1 }.compactMap { $0.labels["status"] } == [status])
            #expect(samples.allSatisfy { $0.value == 0 || $0.value == 1 })
        }
    }

    @Test func unknownStatusIsLoggedOnce() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["buckets"] })
        account.simulation.setStatus("DEGRADED", ofBucket: account.id(0))
        account.simulation.setStatus("DEGRADED", ofBucket: account.id(1))
        _ = try await account.scrape()
        _ = try await account.scrape(after: .seconds(30))
        #expect(account.log.lines(with: "DEGRADED").count == 1, "\(account.log.lines)")
        account.simulation.setStatus("WEIRD", ofBucket: account.id(0))
        _ = try await account.scrape(after: .seconds(30))
        #expect(account.log.lines(with: "WEIRD").count == 1)
        #expect(account.log.lines(with: "unknown status word").count == 2)
    }

    @Test func missingFieldsOmitTheirSeries() async throws {
        for form in [APIDialect.OptionalFields.missing, .null] {
            let account = try CollectedAccount(
                simulator: { $0.dialect.optionalFields = form }, collection: { $0.collectors = ["buckets"] })
            let parsed = try await account.scrape()
            #expect(parsed[family: "flashback_bucket_status"] == nil)
            #expect(parsed[family: "flashback_bucket_last_status_timestamp_seconds"] == nil)
            #expect(parsed.samples("flashback_bucket_created_timestamp_seconds").count == 3)
            #expect(
                parsed.samples("flashback_bucket_info", ["endpoint": "", "bucket_region": "", "workspace_id": ""]).count == 3)
            #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"]) == 0)
        }
    }

    @Test func fieldOfTheWrongKindIsCounted() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["buckets"] })
        account.simulation.faults.add(.wrongTypes(fields: ["status", "createdAt"]), to: .listBuckets)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "malformed_field"]) == 6)
        #expect(parsed[family: "flashback_bucket_status"] == nil)
        #expect(parsed.samples("flashback_bucket_info").count == 3)
    }

    @Test func duplicateRowsAreMergedAndCounted() async throws {
        let account = try CollectedAccount()
        account.simulation.setExtraRows(2, ofBucket: account.id(0))
        account.simulation.setExtraRows(1, ofNode: account.simulation.nodes[0].ip, bucket: account.id(1))
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_info").count == 3)
        // Two duplicates of the bucket in the list and in the totals, and one of the node in its status, its day and the day before.
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 7)
        #expect(
            try await account.scrape(after: .seconds(30)).value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"])
                == 12)
    }

    @Test func bucketInTwoWorkspaceListsIsOne() async throws {
        let account = try CollectedAccount(
            collection: {
                $0.workspaceIDs = ["workspace-1", "workspace-2"]
                $0.collectors = ["buckets"]
            },
            transport: { simulation in
                // Lists every bucket in every workspace.
                StubTransport { request throws(TransferError) in
                    var request = request
                    request.url = String(request.url.prefix { $0 != "?" })
                    return try await simulation.execute(request)
                }
            })
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_info").count == 3)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 3)
        #expect(account.simulation.requests.count(.listBuckets) == 2)
    }

    @Test func onlyTheGivenWorkspacesAreListed() async throws {
        let account = try CollectedAccount(buckets: 6, collection: { $0.workspaceIDs = ["workspace-1", "workspace-3"] })
        let parsed = try await account.scrape()
        #expect(
            Set(parsed.samples("flashback_bucket_info").compactMap { $0.labels["workspace_id"] }) == [
                "workspace-1", "workspace-3",
            ])
        #expect(parsed.samples("flashback_bucket_info").count == 4)
        #expect(parsed.samples("flashback_bucket_requests_total").count == 4)
    }

    @Test func oneFailingWorkspaceFailsTheList() async throws {
        let account = try CollectedAccount(collection: { $0.workspaceIDs = ["workspace-1", "workspace-2"] })
        #expect(try await account.scrape().value("flashback_up") == 1)
        account.simulation.faults.add(.status(500), to: .listBuckets, times: 1)
        let parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.value("flashback_up") == 0)
        // The buckets do not appear deleted.
        #expect(parsed.samples("flashback_bucket_info").count == 2)
    }

    @Test func listWithoutReadableRowsIsAFailure() async throws {
        let account = try CollectedAccount()
        _ = try await account.scrape()
        account.simulation.faults.add(.wrongTypes(fields: ["id", "bucketId"]), times: 2)
        let parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.value("flashback_up") == 0)
        #expect(parsed.samples("flashback_bucket_info").count == 3)
        #expect(parsed.samples("flashback_bucket_requests_total").contains { $0.value > 1000 })
        #expect(parsed.value("flashback_collector_success", ["collector": "totals"]) == 0)
    }

    @Test func listIsReadWhenItsCollectorIsOff() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["status"] })
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_up") == 1)
        #expect(parsed[family: "flashback_bucket_info"] == nil)
        #expect(parsed.samples("flashback_collector_success").compactMap { $0.labels["collector"] } == ["status"])
        #expect(parsed.samples("flashback_bucket_node_info").count == 6)
    }

    @Test func deletedBucketDisappearsAtOnce() async throws {
        let account = try CollectedAccount()
        let id = account.id(0)
        #expect(try await account.scrape().families(with: ["bucket_id": id]).count > 10)
        account.simulation.deleteBucket(id)
        let parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.families(with: ["bucket_id": id]) == [])
        #expect(parsed.samples("flashback_bucket_info").count == 2)
    }

    @Test func renamedBucketHasItsNewNameAtOnce() async throws {
        let account = try CollectedAccount()
        let id = account.id(0)
        let before = try await account.scrape().families(with: ["bucket_id": id])
        account.simulation.renameBucket(id, to: "a \"new\" name")
        let parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.families(with: ["bucket_id": id, "bucket_name": "a \"new\" name"]) == before)
        let names = parsed.families.flatMap(\.samples).filter { $0.labels["bucket_id"] == id }.map { $0.labels["bucket_name"] }
        #expect(Set(names) == ["a \"new\" name"])
        // Data with a longer lifetime was not requested again for the new name.
        #expect(account.simulation.requests.count(.availableBuckets) == 1)
    }

    @Test(arguments: 1...3)
    func hostileNamesAreEscaped(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let account = try CollectedAccount(buckets: 0)
        let names = (0..<40).map { _ in HostileText.random(using: &generator) }
        var idOfName: [String: String] = [:]
        for name in names { idOfName[account.simulation.createBucket(name: name, cloudBucket: name, region: name)] = name }
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_info").count == 40)
        for sample in parsed.samples("flashback_bucket_info") {
            let expected = try #require(idOfName[sample.labels["bucket_id"] ?? ""])
            for label in ["bucket_name", "cloud_bucket", "bucket_region"] {
                #expect(sample.labels[label].map { Array($0.utf8) } == Array(expected.utf8))
            }
        }
    }

    @Test func noCredentialIsExportedOrLogged() async throws {
        let account = try CollectedAccount(
            simulator: {
                $0.canary = "CANARY-"
                $0.dialect.clientFields = true
            })
        account.simulation.faults.add(.status(500), to: .dailyStats)
        let body = String(decoding: await account.body(), as: UTF8.self)
        #expect(body.contains("flashback_bucket_info"))
        #expect(!body.contains("CANARY-"))
        #expect(!account.log.lines.isEmpty)
        #expect(account.log.lines(with: "CANARY-").isEmpty)
        #expect(account.log.lines(with: "eyJ").isEmpty)
    }
}
