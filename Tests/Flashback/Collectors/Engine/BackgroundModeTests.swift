import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite struct BackgroundModeTests {
    private static let nodeStatus = "flashback_bucket_node_status"

    @Test func readsDueDataByItself() async throws {
        try await running(.small) { time, account, _ in
            try await time.sleep(until: .seconds(301))
            // At 0 s and then every 30 s or 300 s; a refresh takes a moment, which delays the next.
            let requests = account.simulation.requests
            #expect((10...11).contains(requests.count(.listBuckets)))
            #expect((30...33).contains(requests.count(.bucketStatus)))
            #expect((1...2).contains(requests.count(.availableBuckets)))
        }
    }

    @Test func scrapesNeverWait() async throws {
        try await running(.small) { time, account, engine in
            account.simulation.faults.add(.delay(.seconds(8)))
            for second in stride(from: 0.5, to: 120, by: 5) {
                try await time.sleep(until: .seconds(second))
                _ = try await engine.scrape()
                #expect(time.uptime == .seconds(second))
            }
            account.simulation.setOutage(.hanging)
            for second in stride(from: 120, to: 600, by: 5) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape()
                #expect(time.uptime == .seconds(second))
                if second > 330 {
                    #expect(page.value("flashback_up") == 0)
                    #expect(page.samples(Self.nodeStatus).isEmpty)
                }
            }
        }
    }

    @Test func longRefreshPublishesInterimResults() async throws {
        var configuration = SimulatorConfiguration.small
        configuration.buckets = 60
        try await running(configuration, concurrency: 1, slow: .seconds(1)) { time, _, engine in
            var counts: [Int] = []
            for second in stride(from: 1, through: 64, by: 1) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape()
                counts.append(Set(page.samples(Self.nodeStatus).compactMap { $0.labels["bucket_id"] }).count)
            }
            #expect(counts == counts.sorted())
            #expect(counts[7] >= 3 && counts[7] <= 8)
            #expect(zip(counts, counts.dropFirst()).allSatisfy { $1 - $0 <= 6 }, "\(counts)")
            #expect(counts.last == 60)
        }
    }

    @Test(arguments: [true, false])
    func readyAfterTheFirstRefreshWhateverItsResult(fails: Bool) async throws {
        try await running(.small, slow: .seconds(3)) { time, account, engine in
            if fails { account.simulation.setOutage(.unavailable) }
            #expect(!engine.isReady)
            try await time.sleep(until: .milliseconds(fails ? 1 : 2900))
            #expect(!engine.isReady)
            try await time.sleep(until: .seconds(12))
            #expect(engine.isReady)
        }
    }

    @Test func failureIsNotRetriedBeforeTheLifetimeEnds() async throws {
        try await running(.small) { time, account, _ in
            account.simulation.faults.add(.status(403), to: .bucketStatus)
            try await time.sleep(until: .seconds(299))
            #expect(account.simulation.requests.count(.bucketStatus) <= 30)
        }
    }

    @Test func cancellationStopsItAndItsRequests() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            account.simulation.setOutage(.hanging)
            let engine = account.engine { $0.mode = .background }
            let service = Task { try await engine.run() }
            try await time.sleep(until: .seconds(5))
            #expect(account.simulation.requests.inFlight > 0)
            service.cancel()
            try await service.value
            #expect(time.uptime == .seconds(5))
            #expect(account.simulation.requests.inFlight == 0)
            let received = account.simulation.requests.received
            try await time.sleep(until: .seconds(3600))
            #expect(account.simulation.requests.received == received)
        }
    }

    @Test func scrapeModeRefreshesOnceAtTheStart() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let service = Task { try await engine.run() }
            try await time.sleep(until: .seconds(3600))
            #expect(account.simulation.requests.count(.listBuckets) == 1)
            service.cancel()
            try await service.value
        }
    }

    /// Runs an engine in background mode while the body runs.
    /// - Parameter slow: the additional duration of each request for a bucket's status.
    private func running(
        _ configuration: SimulatorConfiguration, concurrency: Int = 16, slow: Duration? = nil,
        _ body: @escaping @Sendable (ManualTime, SimulatedAccount, CollectionEngine) async throws -> Void
    ) async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.concurrency = concurrency
            let account = try SimulatedAccount(configuration, settings, time: time)
            if let slow { account.simulation.faults.add(.delay(slow), to: .bucketStatus) }
            let engine = account.engine {
                $0.mode = .background
                if slow != nil { $0.collectors = ["buckets", "status"] }
            }
            let service = Task { try await engine.run() }
            try await body(time, account, engine)
            service.cancel()
            try await service.value
        }
    }
}
