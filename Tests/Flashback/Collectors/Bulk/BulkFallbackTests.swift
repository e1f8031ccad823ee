import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// The API does not answer requests about many buckets as expected.
@Suite struct BulkFallbackTests {
    private static let latency = "flashback_bucket_node_latency_seconds"
    private static let success = "flashback_bucket_collector_success"

    private func account(
        _ mode: BulkMode, buckets: Int = 8, _ simulator: (inout SimulatorConfiguration) -> Void = { _ in }
    ) throws -> CollectedAccount {
        try CollectedAccount(
            buckets: buckets, nodes: 1, simulator: simulator,
            collection: {
                $0.bulk = mode
                $0.collectors = ["buckets", "status"]
            })
    }

    private static let refusals: [SimulatedFault] =
        [400, 401, 403, 404, 405, 410, 413, 414, 501].map { .status($0) } + [
            .unsuccessful, .emptyBody(), .truncatedJSON, .body(Array("<html>".utf8), contentType: "text/html"),
        ]

    @Test(arguments: refusals.indices)
    func refusedBucketsAreRequestedOneByOneAtOnce(_ index: Int) async throws {
        let account = try account(.auto)
        account.simulation.faults.add(Self.refusals[index], to: .latestNodeStatistics)
        let exposition = try await account.scrape()
        #expect(exposition.samples(Self.latency).count == 8)
        #expect(exposition.samples(Self.success, ["collector": "status"]).allSatisfy { $0.value == 1 })
        #expect(exposition.value("flashback_collector_bulk", ["collector": "status"]) == 0)
        #expect(exposition.value("flashback_collector_success", ["collector": "status"]) == 1)
        #expect(account.simulation.requests.count(.bucketStatus) == 8)
        #expect(account.simulation.requests.count(.latestNodeStatistics) == 1)
        #expect(account.log.lines(with: "the API refuses bulk requests").count == 1)
    }

    @Test func proxyThatAcceptsNoLongURLIsARefusal() async throws {
        let account = try account(.auto) { $0.maximumTargetBytes = 200 }
        #expect(try await account.scrape().samples(Self.latency).count == 8)
        #expect(account.simulation.requests.count(.latestNodeStatistics, status: 414) == 1)
    }

    @Test func bulkRequestsAreRetriedHourlyAndEachChangeIsLoggedOnce() async throws {
        let account = try account(.auto)
        let fault = account.simulation.faults.add(.status(404), to: .latestNodeStatistics)
        for _ in 0..<130 {
            #expect(try await account.scrape().samples(Self.latency).count == 8)
            account.time.advance(by: .seconds(30))
        }
        // At the start and after an hour.
        #expect(account.simulation.requests.count(.latestNodeStatistics) == 2)
        account.simulation.faults.remove(fault)
        account.time.advance(by: .seconds(3600))
        account.simulation.requests.reset()
        let exposition = try await account.scrape()
        #expect(exposition.samples(Self.latency).count == 8)
        #expect(exposition.value("flashback_collector_bulk") == 1)
        #expect(account.simulation.requests.count(.bucketStatus) == 0)
        #expect(account.log.lines(with: "the API refuses bulk requests").count == 1)
        #expect(account.log.lines(with: "the API accepts bulk requests again").count == 1)
    }

    @Test func trialThatFailsLosesNoData() async throws {
        let account = try account(.auto)
        account.simulation.faults.add(.status(404), to: .latestNodeStatistics, times: 1)
        _ = await account.body()
        account.simulation.faults.add(.status(500), to: .latestNodeStatistics)
        let exposition = try await account.scrape(after: .seconds(3601))
        #expect(exposition.samples(Self.latency).count == 8)
        #expect(exposition.samples(Self.success).allSatisfy { $0.value == 1 })
        #expect(account.simulation.requests.count(.latestNodeStatistics) == 2)
    }

    @Test(arguments: [500, 502, 503, 504])
    func serverErrorIsAFailureAndNoRefusal(_ status: Int) async throws {
        let account = try account(.auto)
        account.simulation.faults.add(.status(status), to: .latestNodeStatistics, times: 1)
        let failed = try await account.scrape()
        #expect(failed.samples(Self.latency).isEmpty)
        #expect(failed.samples(Self.success).map(\.value) == Array(repeating: 0, count: 8))
        #expect(failed.value("flashback_collector_bulk") == 1)
        let recovered = try await account.scrape(after: .seconds(31))
        #expect(recovered.samples(Self.latency).count == 8)
        #expect(account.simulation.requests.count(.bucketStatus) == 0)
        #expect(account.log.lines(with: "refuses").isEmpty)
    }

    @Test func omittedBucketIsRequestedOnItsOwnForAnHour() async throws {
        let account = try account(.auto)
        account.simulation.setOmittedFromStatistics(true, bucket: account.id(3))
        var targets: [String] = []
        for _ in 0..<5 {
            account.simulation.requests.reset()
            let exposition = try await account.scrape()
            #expect(exposition.samples(Self.latency).count == 8)
            #expect(exposition.samples(Self.success).allSatisfy { $0.value == 1 })
            #expect(exposition.value("flashback_collector_bulk") == 1)
            #expect(account.simulation.requests.count(.latestNodeStatistics) == 1)
            #expect(account.simulation.requests.count(.bucketStatus) == 1)
            targets += account.simulation.requests.all.filter { $0.endpoint == .latestNodeStatistics }.map(\.target)
            account.time.advance(by: .seconds(31))
        }
        #expect(targets.map { $0.contains(account.id(3)) } == [true, false, false, false, false])
        account.simulation.setOmittedFromStatistics(false, bucket: account.id(3))
        account.time.advance(by: .seconds(3600))
        account.simulation.requests.reset()
        _ = await account.body()
        #expect(account.simulation.requests.count(.bucketStatus) == 0)
    }

    @Test func bucketWithoutReportsIsRequestedOnItsOwnOnceAnHour() async throws {
        let account = try account(.auto)
        account.simulation.setNodes([], ofBucket: account.id(0))
        for cycle in 0..<4 {
            account.simulation.requests.reset()
            let exposition = try await account.scrape()
            #expect(exposition.samples(Self.success).allSatisfy { $0.value == 1 })
            #expect(exposition.samples(Self.latency).count == 7)
            #expect(account.simulation.requests.count(.bucketStatus) == (cycle == 0 ? 1 : 0))
            account.time.advance(by: .seconds(31))
        }
    }

    @Test func omittedBucketFailsAloneWithoutFallback() async throws {
        let account = try CollectedAccount(buckets: 4, nodes: 1, collection: { $0.bulk = .always })
        account.simulation.setOmittedFromStatistics(true, bucket: account.id(3))
        let exposition = try await account.scrape()
        func outcome(_ collector: String, _ number: Int) -> Double? {
            exposition.value(Self.success, ["collector": collector, "bucket_id": account.id(number)])
        }
        #expect((0..<4).map { outcome("status", $0) } == [1, 1, 1, 0])
        // A day without reports is not a failure.
        #expect((0..<4).map { outcome("daily", $0) } == [1, 1, 1, 1])
        #expect(exposition.samples(Self.latency).count == 3)
        #expect(account.log.lines(with: "the response omits the bucket").count >= 1)
        #expect(account.simulation.requests.count(.bucketStatus) + account.simulation.requests.count(.dailyStats) == 0)
    }

    @Test func refusalIsAFailureWithoutFallback() async throws {
        let account = try account(.always)
        account.simulation.faults.add(.status(404), to: .latestNodeStatistics)
        let exposition = try await account.scrape()
        #expect(exposition.samples(Self.success).map(\.value) == Array(repeating: 0, count: 8))
        #expect(exposition.value("flashback_collector_success", ["collector": "status"]) == 0)
        #expect(account.simulation.requests.count(.bucketStatus) == 0)
    }
}
