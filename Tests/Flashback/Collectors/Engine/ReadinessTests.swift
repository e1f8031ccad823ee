import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

/// When an exporter is ready: once everything has been read, however long that takes.
@Suite struct ReadinessTests {
    private static let buckets = 40

    /// Runs an engine, by default one whose requests are made one after the other.
    private func running(
        latency: Duration, concurrency: Int = 1, _ change: @escaping @Sendable (inout CollectionConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ManualTime, SimulatedAccount, CollectionEngine) async throws -> Void
    ) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(buckets: Self.buckets, latency: latency, concurrency: concurrency, time: time)
            let engine = account.engine {
                $0.collectors = ["buckets", "totals", "status"]
                change(&$0)
            }
            let service = Task { try await engine.run() }
            try await body(time, account, engine)
            service.cancel()
            try await service.value
        }
    }

    /// Whether an engine is ready, which must be so exactly when each bucket has been requested.
    private func expectReadiness(_ engine: CollectionEngine, _ account: SimulatedAccount, at uptime: Duration) -> Bool {
        let answered = account.simulation.requests.all.filter { $0.endpoint == .bucketStatus && $0.status != nil }
        let isReady = engine.isReady
        #expect(isReady == (Set(answered.map(\.target)).count == Self.buckets), "at \(uptime)")
        return isReady
    }

    /// A cycle takes longer than the lifetime of 30 s, so that something is due at any time.
    @Test(arguments: CollectionMode.allCases)
    func saturatedAccountIsReadyWhenEachBucketHasBeenRead(mode: CollectionMode) async throws {
        try await running(latency: .seconds(1)) {
            $0.mode = mode
        } _: { time, account, engine in
            var readyAt: Duration?
            for second in stride(from: 0.5, to: 150, by: 5) {
                try await time.sleep(until: .seconds(second))
                _ = try await engine.scrape(within: .seconds(1))
                if expectReadiness(engine, account, at: time.uptime) { readyAt = readyAt ?? time.uptime }
            }
            #expect(try #require(readyAt) < .seconds(90))
        }
    }

    @Test func firstCycleEndsWithoutScrapes() async throws {
        try await running(latency: .seconds(10)) { time, account, engine in
            for second in stride(from: 1, to: 900, by: 10) {
                try await time.sleep(until: .seconds(second))
                if expectReadiness(engine, account, at: time.uptime) { break }
            }
            #expect(engine.isReady)
            // The first scrape finds all of it, although the first bucket was read longer ago than data of a fast account are served.
            #expect(time.uptime > .seconds(300))
            let page = try await engine.scrape(within: .seconds(25))
            #expect(Set(page.samples("flashback_bucket_node_status").map { $0.labels["bucket_id"] }).count == Self.buckets)
        }
    }

    @Test func nothingIsRequestedWithoutScrapesAfterTheFirstCycle() async throws {
        try await running(latency: .seconds(10)) { time, account, engine in
            try await time.sleep(until: .seconds(3600))
            #expect(engine.isReady)
            #expect(account.simulation.requests.received == Self.buckets + 2)
        }
    }

    @Test func bucketThatIsBeingReadForTheFirstTimeDelaysReadiness() async throws {
        try await running(latency: .milliseconds(10), concurrency: 4) { time, account, engine in
            let slow = try #require(account.simulation.buckets.first).id
            account.simulation.faults.add(.delay(.seconds(20)), to: .bucketStatus, bucket: slow, times: 1)
            for second in [5, 10, 15, 25] {
                try await time.sleep(until: .seconds(second))
                #expect(expectReadiness(engine, account, at: time.uptime) == (second == 25))
            }
        }
    }

    @Test func bucketsThatCannotBeReadDoNotDelayReadiness() async throws {
        try await running(latency: .milliseconds(10)) { time, account, engine in
            account.simulation.faults.add(.status(403), to: .bucketStatus)
            try await time.sleep(until: .seconds(10))
            #expect(engine.isReady)
        }
    }

    @Test func bucketsAreNotWaitedForWhileTheListCannotBeRead() async throws {
        try await running(latency: .milliseconds(10)) { time, account, engine in
            account.simulation.faults.add(.status(403), to: .listBuckets)
            try await time.sleep(until: .seconds(10))
            #expect(engine.isReady)
            #expect(account.simulation.requests.count(.bucketStatus) == 0)
        }
    }
}
