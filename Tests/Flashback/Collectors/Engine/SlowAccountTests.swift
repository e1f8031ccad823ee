import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

/// Results and durations of scrapes when all or a part of the API is slow.
@Suite struct SlowAccountTests {
    private static let families = [
        "flashback_bucket_info", "flashback_bucket_requests_total", "flashback_bucket_node_status",
        "flashback_bucket_node_daily_uptime_ratio",
    ]

    private func buckets(of page: ParsedExposition, _ family: String) -> Int {
        Set(page.samples(family).compactMap { $0.labels["bucket_id"] }).count
    }

    /// 30 buckets with 90 requests of 3 s each through one place: a first cycle of 270 s, as for 6,000 buckets through sixteen places at
    /// 250 ms.
    @Test(arguments: CollectionMode.allCases)
    func slowDataIsNotStale(mode: CollectionMode) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(buckets: 30, latency: .seconds(3), concurrency: 1, time: time)
            let engine = account.engine { $0.mode = mode }
            let service = Task { try await engine.run() }
            for scrape in 0..<60 {
                try await time.sleep(until: .seconds(15 * scrape))
                let start = time.uptime
                let page = try await engine.scrape()
                guard time.uptime > .seconds(400) else { continue }
                // The lists come next after the request in progress; there is no reason to wait for the buckets.
                #expect(time.uptime - start < .seconds(10), "at \(start)")
                #expect(page.value("flashback_up") == 1)
                for family in Self.families { #expect(buckets(of: page, family) == 30, "\(family) at \(time.uptime)") }
            }
            let page = try await engine.scrape()
            let cycle = try #require(page.value("flashback_collector_cycle_seconds", ["collector": "status"]))
            #expect((90...300).contains(cycle))
            #expect(page.value("flashback_collector_cycle_seconds", ["collector": "totals"]) ?? 0 < 60)
            #expect(account.log.lines(with: "collector cycle exceeds twice its lifetime").count >= 1)
            #expect(
                account.log.lines(with: "raise the concurrency").count { "\($0)".contains("status") } == 1,
                "once, and not at each scrape")
            service.cancel()
            try await service.value
        }
    }

    @Test func hangingStatusDelaysNoScrape() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 20
            let account = try SimulatedAccount(configuration, time: time)
            account.simulation.faults.add(.delay(.seconds(3600)), to: .bucketStatus, bucket: account.simulation.buckets[7].id)
            let engine = account.engine()
            for scrape in 0..<40 {
                try await time.sleep(until: .seconds(15 * scrape))
                let start = time.uptime
                let page = try await engine.scrape()
                guard scrape > 4 else { continue }
                #expect(time.uptime - start < .milliseconds(500), "at \(start)")
                #expect(buckets(of: page, "flashback_bucket_node_status") == 19)
                #expect(buckets(of: page, "flashback_bucket_info") == 20)
            }
            try await engine.stop()
        }
    }

    /// As many as there are places, all of which they would occupy for 30 s each time.
    @Test func hangingBucketsOccupyFewPlaces() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 60
            let account = try SimulatedAccount(configuration, time: time)
            for bucket in account.simulation.buckets.prefix(20) {
                account.simulation.faults.add(.delay(.seconds(3600)), to: .bucketStatus, bucket: bucket.id)
            }
            let engine = account.engine { $0.collectors = ["buckets", "status"] }
            for scrape in 0..<24 {
                try await time.sleep(until: .seconds(15 * scrape))
                let start = time.uptime
                let page = try await engine.scrape()
                guard scrape > 8 else { continue }
                #expect(time.uptime - start < .seconds(1), "at \(start)")
                let ages = page.samples("flashback_bucket_collector_last_success_timestamp_seconds", ["collector": "status"])
                    .map { time.now.timeIntervalSince1970 - $0.value }
                #expect(ages.count == 40)
                #expect(try #require(ages.max()) < 46)
            }
            try await engine.stop()
        }
    }

    @Test func staleDataDisappearsWhenNothingElseIsDue() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine {
                $0.collectors = ["buckets", "status"]
                $0.lifetimes = ["buckets": .seconds(600), "status": .seconds(10)]
                $0.maxStale = .seconds(3)
            }
            _ = try await engine.scrape()
            account.simulation.faults.add(.status(500), to: .bucketStatus)
            try await time.sleep(until: .seconds(12))
            #expect(buckets(of: try await engine.scrape(), "flashback_bucket_node_status") == 3)
            // The attempt at 12 s failed; the next is due at 22 s, but twice the measured cycle of 10 s is over at 20 s.
            try await time.sleep(until: .seconds(21))
            let page = try await engine.scrape()
            #expect(buckets(of: page, "flashback_bucket_node_status") == 0)
            #expect(buckets(of: page, "flashback_bucket_info") == 3)
            try await engine.stop()
        }
    }

    @Test func scrapesAtIntervalsOfALifetimeRenewEverything() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 40
            configuration.latency = .milliseconds(400)
            let account = try SimulatedAccount(configuration, time: time)
            let engine = account.engine { $0.collectors = ["buckets", "totals", "status"] }
            var random = SeededGenerator(seed: 7)
            for scrape in 0..<20 {
                // As punctual as Prometheus.
                let jitter = Duration.milliseconds(Int.random(in: 0...40, using: &random))
                try await time.sleep(until: .seconds(30 * scrape) + jitter)
                _ = try await engine.scrape()
            }
            #expect(account.simulation.requests.count(.bucketStatus) == 20 * 40)
            #expect(account.simulation.requests.count(.bucketTotals) == 20)
            #expect(account.simulation.requests.count(.listBuckets) == 20)
            try await engine.stop()
        }
    }

    @Test func upIsAbsentBeforeTheFirstResultAndCancelledScrapesAreNotFailures()
        async throws
    {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            account.simulation.setOutage(.hanging)
            let engine = account.engine()
            let service = Task { try await engine.run() }
            var page = try await engine.scrape(within: .seconds(1))
            #expect(page[family: "flashback_up"] == nil)
            #expect(page[family: "flashback_collector_success"] == nil)
            service.cancel()
            try await service.value
            #expect(account.simulation.requests.inFlight == 0)
            page = try await engine.scrape(within: .zero)
            #expect(page[family: "flashback_up"] == nil)
            #expect(account.log.lines(with: "collector failed").isEmpty)
        }
    }

    @Test func upEndsWithTheListDuringALongPause() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            #expect(try await engine.scrape().value("flashback_up") == 1)
            account.simulation.faults.add(.status(429, retryAfter: "3000"), to: .bucketStatus, times: 1)
            for second in stride(from: 30, through: 600, by: 30) {
                try await time.sleep(until: .seconds(second))
                let start = time.uptime
                let page = try await engine.scrape()
                #expect(time.uptime - start < .seconds(1), "no scrape waits for the end of a pause that lasts longer")
                #expect(page.value("flashback_up") == (second > 180 ? 0 : 1), "at \(second) s")
                #expect(page.samples("flashback_bucket_info").isEmpty == (second > 180), "at \(second) s")
            }
            try await engine.stop()
        }
    }
}
