import Basics
import Exposition
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// How many requests it takes to read a large account.
@Suite struct BulkRequestCountTests {
    private static let buckets = 5000

    private func account(_ mode: BulkMode, buckets: Int = Self.buckets) throws -> CollectedAccount {
        try CollectedAccount(
            buckets: buckets, nodes: 1, limit: 16,
            collection: {
                $0.bulk = mode
                $0.collectors.remove("yesterday")
            })
    }

    /// A scrape of a few families: reading all of them would take long.
    private func scrape(_ account: CollectedAccount) async throws -> ParsedExposition {
        let families: Set = [
            "flashback_bucket_node_latency_seconds", "flashback_bucket_node_daily_uptime_ratio", "flashback_collector_bulk",
        ]
        let snapshot = await account.engine.snapshot()
        return try ParsedExposition(snapshot.body(in: .text, filter: SampleFilter(families: families)).bytes)
    }

    @Test(arguments: [BulkMode.always, .auto])
    func cycleOf5000BucketsTakesFewerThan60Requests(_ mode: BulkMode) async throws {
        let account = try account(mode)
        for _ in 0..<2 {
            account.simulation.requests.reset()
            let exposition = try await scrape(account)
            // The lists, and 25 batches each for statuses and for today's statistics.
            #expect(account.simulation.requests.received == 4 + 25 + 25)
            #expect(exposition.samples("flashback_bucket_node_latency_seconds").count == Self.buckets)
            #expect(exposition.samples("flashback_bucket_node_daily_uptime_ratio").count == Self.buckets)
            #expect(exposition.samples("flashback_collector_bulk").map(\.value) == [1, 1])
            account.time.advance(by: .seconds(301))
        }
        account.simulation.requests.reset()
        _ = await account.body()
        account.time.advance(by: .seconds(31))
        account.simulation.requests.reset()
        // Only the statuses are due: each lane keeps its lifetime.
        _ = await account.body()
        #expect(account.simulation.requests.count(.latestNodeStatistics) == 25)
        #expect(account.simulation.requests.count(.dailyNodeStatistics) == 0)
    }

    @Test func singleRequestsOf5000BucketsExceed10000() async throws {
        let account = try account(.never)
        _ = await account.body()
        #expect(account.simulation.requests.received == 4 + 2 * Self.buckets)
    }

    @Test func everyURLFitsIntoEightKilobytes() async throws {
        let account = try account(.always, buckets: 400)
        _ = await account.body()
        let lengths = account.simulation.requests.all.map(\.target.utf8.count)
        #expect(lengths.allSatisfy { $0 <= 8000 })
        #expect(lengths.contains { $0 > 7000 })
    }

    @Test func eachShardRequestsItsOwnBucketsTogether() async throws {
        var total = 0
        for index in 0..<2 {
            let account = try CollectedAccount(
                buckets: 450, nodes: 1,
                collection: {
                    $0.bulk = .always
                    $0.collectors = ["buckets", "status"]
                    $0.selection.shard = Shard(index: index, total: 2)
                })
            let exposition = try await account.scrape()
            let own = exposition.samples("flashback_bucket_info").count
            #expect(exposition.samples("flashback_bucket_node_latency_seconds").count == own)
            #expect(account.simulation.requests.count(.latestNodeStatistics) == 2)
            total += own
        }
        #expect(total == 450)
    }
}
