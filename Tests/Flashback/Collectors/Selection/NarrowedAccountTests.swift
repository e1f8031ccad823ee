import Basics
import Exposition
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// The effect of a selection on metrics and requests.
@Suite struct NarrowedAccountTests {
    private func ids(_ metrics: ParsedExposition) -> Set<String> {
        Set(metrics.families.flatMap(\.samples).compactMap { $0.labels["bucket_id"] })
    }

    @Test func excludedBucketsHaveNoSeriesAndNoRequests() async throws {
        let account = try CollectedAccount(
            buckets: 0,
            collection: { configuration in
                configuration.selection.names = PatternFilter(
                    include: [try! Pattern(parsing: "prod-.*")], exclude: [try! Pattern(parsing: ".*-tmp")])
            })
        let wanted = account.simulation.createBucket(name: "prod-a")
        for name in ["prod-tmp", "test-a", "a-prod-b"] { _ = account.simulation.createBucket(name: name) }
        #expect(try await ids(account.scrape()) == [wanted])
        #expect(account.simulation.requests.count(.bucketStatus) == 1)
        #expect(account.simulation.requests.count(.dailyStats) == 2)
        // The status page does not show it either.
        #expect(await account.engine.overview(within: .zero).buckets?.map(\.id.text) == [wanted])
    }

    @Test func renamedBucketEntersAndLeavesTheSelection() async throws {
        let account = try CollectedAccount(
            buckets: 0,
            collection: { configuration in
                configuration.selection.names = PatternFilter(exclude: [try! Pattern(parsing: "tmp")])
            })
        let id = account.simulation.createBucket(name: "tmp")
        #expect(try await ids(account.scrape()).isEmpty)
        account.simulation.renameBucket(id, to: "data")
        #expect(try await ids(account.scrape(after: .seconds(30))) == [id])
        account.simulation.renameBucket(id, to: "tmp")
        #expect(try await ids(account.scrape(after: .seconds(30))).isEmpty)
    }

    @Test func bucketsOfOtherWorkspacesAreOmitted() async throws {
        let account = try CollectedAccount(
            buckets: 6,
            collection: { configuration in
                configuration.selection.workspaces = PatternFilter(
                    include: [try! Pattern(parsing: "workspace-[12]")], exclude: [try! Pattern(parsing: ".*2")])
            })
        let metrics = try await account.scrape()
        #expect(Set(metrics.samples("flashback_bucket_info").compactMap { $0.labels["workspace_id"] }) == ["workspace-1"])
        #expect(metrics.samples("flashback_bucket_requests_total").count == 2)
        #expect(metrics.samples("flashback_bucket_available").count == 2)
    }

    @Test func bucketWithoutWorkspaceHasAnEmptyLabel() async throws {
        for (pattern, count) in [("", 3), (".+", 0)] {
            let account = try CollectedAccount(
                simulator: { $0.dialect.optionalFields = .missing },
                collection: { $0.selection.workspaces = PatternFilter(include: [try! Pattern(parsing: pattern)]) })
            #expect(try await ids(account.scrape()).count == count)
        }
    }

    @Test func totalsOfBucketsOnOtherShardsAreNotKept() async throws {
        var duplicates: [Double?] = []
        for index in 0..<2 {
            let account = try CollectedAccount(
                collection: {
                    $0.collectors = ["totals"]
                    $0.selection.shard = Shard(index: index, total: 2)
                })
            account.simulation.setExtraRows(1, ofBucket: account.id(0))
            duplicates.append(try await account.scrape().value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]))
        }
        // Both shards read it twice in the list, but only one in the totals.
        #expect(Set(duplicates) == [1, 2])
    }

    // MARK: Limits

    @Test func limitKeepsTheOldestBuckets() async throws {
        let account = try CollectedAccount(buckets: 0, collection: { $0.selection.maximumBuckets = 2 })
        var created: [String] = []
        for name in ["c", "b", "a"] {
            created.append(account.simulation.createBucket(name: name))
            account.time.advance(by: .seconds(1))
        }
        var metrics = try await account.scrape()
        #expect(ids(metrics) == Set(created.prefix(2)))
        #expect(metrics.value("flashback_exporter_refused_buckets") == 1)
        #expect(account.simulation.requests.count(.bucketStatus) == 2)
        // Another bucket changes only the count.
        _ = account.simulation.createBucket(name: "0")
        metrics = try await account.scrape(after: .seconds(30))
        #expect(ids(metrics) == Set(created.prefix(2)))
        #expect(metrics.value("flashback_exporter_refused_buckets") == 2)
        // When one is deleted, the next one takes its place.
        account.simulation.deleteBucket(created[0])
        metrics = try await account.scrape(after: .seconds(30))
        #expect(ids(metrics) == Set(created[1...]))
        #expect(metrics.value("flashback_exporter_refused_buckets") == 1)
    }

    @Test func bucketWithoutCreationDateCountsAsTheNewest() async throws {
        let account = try CollectedAccount(buckets: 0, collection: { $0.selection.maximumBuckets = 1 })
        let dated = #"{"id": "b", "name": "b", "createdAt": "2024-01-15T10:30:00.000Z"}"#
        let list = #"{"success": true, "buckets": [{"id": "a", "name": "a"}, \#(dated), {"id": "c", "name": "c"}]}"#
        account.simulation.faults.add(.body(Array(list.utf8)), to: .listBuckets)
        let metrics = try await account.scrape()
        #expect(metrics.samples("flashback_bucket_info").map { $0.labels["bucket_id"] } == ["b"])
    }

    @Test func startAndEndOfRefusalsAreLoggedOnce() async throws {
        let account = try CollectedAccount(buckets: 3, collection: { $0.selection.maximumBuckets = 2 })
        for _ in 0..<3 { _ = try await account.scrape(after: .seconds(30)) }
        #expect(account.log.lines(with: "more buckets than the limit allows; some are not exported").count == 1)
        account.simulation.deleteBucket(account.id(0))
        for _ in 0..<3 { _ = try await account.scrape(after: .seconds(30)) }
        #expect(account.log.lines(with: "buckets are within the limit again").count == 1)
    }

    @Test func limitAppliesAfterThePatterns() async throws {
        let account = try CollectedAccount(
            buckets: 0,
            collection: { configuration in
                configuration.selection.names = PatternFilter(exclude: [try! Pattern(parsing: "tmp-.*")])
                configuration.selection.maximumBuckets = 2
            })
        for name in ["tmp-1", "tmp-2", "a", "b"] { _ = account.simulation.createBucket(name: name) }
        let metrics = try await account.scrape()
        #expect(Set(metrics.samples("flashback_bucket_info").compactMap { $0.labels["bucket_name"] }) == ["a", "b"])
        #expect(metrics.value("flashback_exporter_refused_buckets") == 0)
        #expect(account.log.lines(with: "limit").isEmpty)
    }

    @Test func everyFamilyHasTheSameNodes() async throws {
        let account = try CollectedAccount(buckets: 2, nodes: 5, collection: { $0.selection.maximumNodesPerBucket = 3 })
        let metrics = try await account.scrape()
        let names = Set(account.simulation.nodes.map(\.ip).sorted().prefix(3))
        for family in metrics.families {
            let nodes = Set(family.samples.compactMap { $0.labels["node"] })
            #expect(nodes.isEmpty || nodes == names, "\(family.name)")
        }
        #expect(metrics.samples("flashback_bucket_node_info").count == 6)
        #expect(metrics.samples("flashback_bucket_node_daily_uptime_ratio", ["day": "yesterday"]).count == 6)
        for collector in ["status", "daily", "yesterday"] {
            #expect(metrics.value("flashback_exporter_refused_nodes", ["collector": collector]) == 4)
        }
        _ = try await account.scrape(after: .seconds(300))
        #expect(account.log.lines(with: "more nodes than the limit allows; some are not exported").count == 1)
    }

    @Test func unlistedBucketsAreNoLongerCountedAsRefused() async throws {
        let account = try CollectedAccount(
            buckets: 2, nodes: 3,
            collection: {
                $0.collectors = ["status"]
                $0.selection.maximumNodesPerBucket = 2
            })
        #expect(try await account.scrape().value("flashback_exporter_refused_nodes") == 2)
        account.simulation.deleteBucket(account.id(0))
        #expect(try await account.scrape(after: .seconds(30)).value("flashback_exporter_refused_nodes") == 1)
        account.simulation.deleteBucket(account.id(0))
        #expect(try await account.scrape(after: .seconds(30)).value("flashback_exporter_refused_nodes") == 0)
        #expect(account.log.lines(with: "nodes are within the limit again").count == 1)
    }

    @Test func withoutLimitsThereAreNoLimitSeries() async throws {
        let metrics = try await CollectedAccount().scrape()
        for family in LimitFamilies.families + ShardFamilies.families { #expect(metrics[family: family.name] == nil) }
    }
}
