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
        try SimulatedAccount(buckets: Self.buckets * concurrency, latency: latency, concurrency: concurrency, time: time)
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

    /// Scrapes at each of these times, and judges what each scrape returns.
    private func scrape(
        _ engine: CollectionEngine, at seconds: StrideTo<Int>, _ time: ManualTime,
        judge: (Int, ParsedExposition) throws -> Void = { _, _ in }
    ) async throws {
        for second in seconds {
            try await time.sleep(until: .seconds(second))
            try judge(second, try await engine.scrape())
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
            try await scrape(engine, at: stride(from: 15, to: 420, by: 15), time) { second, page in
                guard second > 200 else { return }
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
            try await scrape(engine, at: stride(from: 200, to: 260, by: 15), time) { second, page in
                let duration = try duration(page)
                #expect(duration <= 30, "at \(second) s")
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
                let times = stride(from: seconds.lowerBound, to: seconds.upperBound, by: 15)
                try await scrape(engine, at: times, time) { _, page in
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
            func judge(_ second: Int, _ page: ParsedExposition) throws {
                #expect(try duration(page) < 120, "at \(second) s")
            }
            try await scrape(engine, at: stride(from: 15, to: 300, by: 15), time, judge: judge)
            account.simulation.faults.add(.status(403), to: .listBuckets)
            try await scrape(engine, at: stride(from: 300, to: 900, by: 15), time, judge: judge)
            account.simulation.faults.removeAll()
            try await scrape(engine, at: stride(from: 900, to: 1050, by: 15), time, judge: judge)
            try await engine.stop()
        }
    }

    @Test func roundEndsWithTheDeletionOfItsLastBucket() async throws {
        try await SimulatedTime.run { time in
            let account = try account(time)
            let engine = engine(account)
            try await scrape(engine, at: stride(from: 15, to: 300, by: 15), time)
            for bucket in account.simulation.buckets.dropFirst() { account.simulation.deleteBucket(bucket.id) }
            try await scrape(engine, at: stride(from: 300, to: 800, by: 50), time) { second, page in
                let duration = try duration(page)
                if second > 500 { #expect(duration < 5, "at \(second) s") }
            }
            try await engine.stop()
        }
    }

    @Test func durationOfRequestsAboutManyBucketsIsThatOfTheRound() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(buckets: 300, latency: .seconds(3), concurrency: 1, time: time)
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
