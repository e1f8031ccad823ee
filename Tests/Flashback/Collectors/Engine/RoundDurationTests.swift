import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

/// `flashback_collector_duration_seconds` of collectors that make one request per bucket.
@Suite struct RoundDurationTests {
    private static let buckets = 20

    /// A saturated account, whose requests need longer than the lifetime of 30 s.
    private func account(_ time: ManualTime, concurrency: Int = 1, latency: Duration = .seconds(2)) throws -> SimulatedAccount {
        var configuration = SimulatorConfiguration.small
        configuration.buckets = Self.buckets * concurrency
        configuration.latency = latency
        var settings = SimulatedAccount.Settings()
        settings.concurrency = concurrency
        return try SimulatedAccount(configuration, settings, time: time)
    }

    private func engine(_ account: SimulatedAccount, mode: CollectionMode = .scrape, bulk: BulkMode = .never) -> CollectionEngine
    {
        account.engine {
            $0.mode = mode
            $0.bulk = bulk
            $0.collectors = ["buckets", "status", "daily"]
            $0.lifetimes["daily"] = .seconds(30)
        }
    }

    private func duration(_ page: ParsedExposition, _ collector: String = "status") throws -> Double {
        try #require(page.value("flashback_collector_duration_seconds", ["collector": collector]))
    }

    @Test(arguments: CollectionMode.allCases, [1, 2])
    func durationOnASaturatedAccountDoesNotGrow(mode: CollectionMode, concurrency: Int) async throws {
        try await SimulatedTime.run { time in
            let account = try account(time, concurrency: concurrency)
            let engine = engine(account, mode: mode)
            let service = Task { try await engine.run() }
            for second in stride(from: 15, to: 420, by: 15) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape()
                guard second > 200 else { continue }
                for collector in ["status", "daily"] {
                    let cycle = try #require(page.value("flashback_collector_cycle_seconds", ["collector": collector]))
                    #expect((60...120).contains(cycle), "\(collector) at \(second) s")
                    let duration = try duration(page, collector)
                    #expect((20...cycle * 1.2).contains(duration), "\(collector) at \(second) s")
                }
            }
            service.cancel()
            try await service.value
        }
    }

    /// Requests of different ages overlap at any time, although all of them are made in time.
    @Test func durationOfOverlappingRequestsDoesNotGrow() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time, concurrency: 4)
            for bucket in account.simulation.buckets.dropFirst(20) { account.simulation.deleteBucket(bucket.id) }
            let engine = engine(account, mode: .background)
            let service = Task { try await engine.run() }
            for second in stride(from: 200, to: 260, by: 15) {
                try await time.sleep(until: .seconds(second))
                #expect(try duration(try await engine.scrape()) <= 30, "at \(second) s")
            }
            service.cancel()
            try await service.value
        }
    }

    @Test func timeWithoutScrapesDoesNotCount() async throws {
        try await SimulatedTime.run { time in
            // A cycle of 200 s outlasts the 120 s for which requests continue without scrapes.
            let account = try account(time, latency: .seconds(5))
            let engine = engine(account)
            for seconds in [15..<500, 4000..<4500] {
                var longest = 0.0
                for second in stride(from: seconds.lowerBound, to: seconds.upperBound, by: 15) {
                    try await time.sleep(until: .seconds(second))
                    let page = try await engine.scrape()
                    longest = max(longest, page.value("flashback_collector_duration_seconds", ["collector": "status"]) ?? 0)
                }
                #expect((150...250).contains(longest), "\(seconds)")
            }
            try await engine.stop()
        }
    }

    @Test func timeWithoutAListDoesNotCount() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time)
            let engine = engine(account)
            for second in stride(from: 15, to: 1050, by: 15) {
                if second == 300 { account.simulation.faults.add(.status(403), to: .listBuckets) }
                if second == 900 { account.simulation.faults.removeAll() }
                try await time.sleep(until: .seconds(second))
                #expect(try duration(try await engine.scrape()) < 120, "at \(second) s")
            }
            try await engine.stop()
        }
    }

    @Test func roundEndsWithTheDeletionOfItsLastBucket() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time)
            let engine = engine(account)
            for second in stride(from: 15, to: 300, by: 15) {
                try await time.sleep(until: .seconds(second))
                _ = try await engine.scrape()
            }
            for bucket in account.simulation.buckets.dropFirst() { account.simulation.deleteBucket(bucket.id) }
            for second in stride(from: 300, to: 800, by: 50) {
                try await time.sleep(until: .seconds(second))
                let duration = try duration(try await engine.scrape())
                if second > 500 { #expect(duration < 5, "at \(second) s") }
            }
            try await engine.stop()
        }
    }

    @Test func durationOfRequestsAboutManyBucketsIsThatOfTheRound() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 300
            configuration.latency = .seconds(3)
            var settings = SimulatedAccount.Settings()
            settings.concurrency = 1
            let account = try SimulatedAccount(configuration, settings, time: time)
            let engine = engine(account, bulk: .always)
            for second in stride(from: 0, to: 120, by: 30) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape(within: .seconds(29))
                // Two requests for each of the two collectors, in turn.
                for collector in ["status", "daily"] {
                    #expect((3...12).contains(try duration(page, collector)), "at \(second) s")
                }
            }
            try await engine.stop()
        }
    }
}
