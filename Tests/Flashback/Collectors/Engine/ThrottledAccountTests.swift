import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

/// 300 buckets behind an API that allows 20 requests a second, scraped every 15 s.
@Suite struct ThrottledAccountTests {
    private static let buckets = 300
    private static let allowedRate = 20.0
    private static let scrapeInterval = Duration.seconds(15)

    /// How long the requests that are due at the start take: three per bucket, at the rate that the API allows.
    private static let fairStart = Duration.seconds(Double(3 * buckets) / allowedRate)

    @Test(
        arguments: SimulatorConfiguration.RetryAfterForm.allCases)
    func statusesAreAsFreshAsTheLimitAllows(to form: SimulatorConfiguration.RetryAfterForm) async throws {
        try await SimulatedTime.run { time in
            let world = try World(time, form)
            let engine = world.account.engine()
            // A status is read again only after its lifetime, so it cannot always be younger.
            let fairAge = 30.0
            var adapted: (requests: Int, throttled: Int)?
            for cycle in 0..<10 {
                let page = try await engine.scrape()
                let ages = page.samples("flashback_bucket_collector_last_success_timestamp_seconds", ["collector": "status"])
                    .map { time.now.timeIntervalSince1970 - $0.value }
                if let oldest = ages.max() { #expect(oldest < 2 * fairAge, "cycle \(cycle)") }
                if time.uptime > Self.fairStart * 1.2 { #expect(ages.count == Self.buckets, "cycle \(cycle)") }
                if cycle == 1 { adapted = (world.witness.requests, world.witness.throttled) }
                try await time.sleep(until: Self.scrapeInterval * (cycle + 1))
            }
            let before = try #require(adapted)
            let share = Double(world.witness.throttled - before.throttled) / Double(world.witness.requests - before.requests)
            #expect(share < 0.02)
            #expect(before.throttled > 0, "the API has to throttle for the test to prove anything")
            #expect(world.witness.violations == 0)
        }
    }

    @Test func statusesAreRequestedInTurnWhenTheLimitIsTooLow() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time, .seconds)
            let engine = world.account.engine {
                $0.collectors = ["buckets", "status"]
                $0.lifetimes["status"] = .seconds(5)
            }
            // The API allows requesting all of them once in 15 s, and what is due waits for the next scrape.
            let fairAge = Double(Self.buckets) / Self.allowedRate + Self.scrapeInterval.inSeconds
            for cycle in 0..<12 {
                let page = try await engine.scrape()
                let ages = page.samples("flashback_bucket_collector_last_success_timestamp_seconds", ["collector": "status"])
                    .map { time.now.timeIntervalSince1970 - $0.value }
                if cycle > 1 {
                    #expect(ages.count == Self.buckets, "cycle \(cycle)")
                    #expect(try #require(ages.max()) < 1.2 * fairAge, "cycle \(cycle)")
                }
                try await time.sleep(until: Self.scrapeInterval * (cycle + 1))
            }
            #expect(world.witness.violations == 0)
        }
    }

    /// The account, and a witness of its requests.
    private struct World {
        let account: SimulatedAccount
        let witness: RetryAfterWitness

        init(_ time: ManualTime, _ form: SimulatorConfiguration.RetryAfterForm) throws {
            var configuration = SimulatorConfiguration()
            configuration.buckets = ThrottledAccountTests.buckets
            configuration.nodes = 1
            configuration.latency = .milliseconds(40)
            configuration.jitter = .milliseconds(20)
            configuration.requestsPerSecond = ThrottledAccountTests.allowedRate
            configuration.retryAfter = form
            var watching: RetryAfterWitness?
            account = try SimulatedAccount(configuration, time: time) { transport in
                let witness = RetryAfterWitness(transport, time: time.source)
                watching = witness
                return witness
            }
            witness = try #require(watching)
        }
    }
}
