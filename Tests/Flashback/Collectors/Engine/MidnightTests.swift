import Basics
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct MidnightTests {
    private static let uptime = "flashback_bucket_node_daily_uptime_ratio"
    private static let updated = "flashback_bucket_node_daily_last_update_timestamp_seconds"
    private static let success = "flashback_bucket_collector_success"
    private static let dayBegins = "flashback_daily_stats_day_timestamp_seconds"
    /// 2024-01-16T00:00:00Z
    private static let midnight = Date(timeIntervalSince1970: 1_705_363_200)
    private static let day = 86_400.0

    @Test func daysFollowTheCalendarAcrossMidnight() async throws {
        try await SimulatedTime.run(from: Self.midnight - 100) { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            for second in stride(from: 1, through: 301, by: 5) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape()
                let today = time.now < Self.midnight ? Self.midnight - Self.day : Self.midnight
                let moment = "\(time.now)"
                try expect(page, today: today, "\(moment)")
                #expect(page.samples(Self.uptime, ["day": "today"]).count == 3, "\(moment)")
                #expect(page.samples(Self.uptime, ["day": "yesterday"]).count == 3, "\(moment)")
            }
            // Each was read once more at midnight, although neither had outlived its lifetime.
            #expect(account.simulation.requests.count(.dailyStats) == 2 * (3 + 3))
        }
    }

    @Test func dataOfTheOldDayIsNotServedAsTheNewDay() async throws {
        try await SimulatedTime.run(from: Self.midnight - 2) { time in
            let account = try SimulatedAccount(.small, time: time)
            account.simulation.faults.add(.delay(.seconds(5)), to: .dailyStats)
            let engine = account.engine()
            // Requested before midnight, answered after it.
            let first = try await engine.scrape()
            #expect(time.now > Self.midnight)
            #expect(first.samples(Self.uptime).isEmpty)
            account.simulation.faults.removeAll()
            let second = try await engine.scrape()
            try expect(second, today: Self.midnight, "right after midnight")
            #expect(second.samples(Self.uptime).count == 6)
        }
    }

    @Test func outageAtMidnightDoesNotServeTheOldDay() async throws {
        try await SimulatedTime.run(from: Self.midnight - 10) { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            #expect(try await engine.scrape().samples(Self.uptime).count == 6)
            account.simulation.faults.add(.status(500), to: .dailyStats)
            try await time.sleep(until: .seconds(11))
            let page = try await engine.scrape()
            #expect(page.samples(Self.uptime).isEmpty)
            #expect(page.samples(Self.dayBegins).isEmpty)
            account.simulation.faults.removeAll()
        }
    }

    @Test func daysFollowACalendarThatIsSetBack() async throws {
        try await SimulatedTime.run(from: Self.midnight + 20) { time in
            let skew = NIOLockedValueBox(0.0)
            let source = TimeSource(clock: time.clock) { time.now.addingTimeInterval(skew.withLockedValue { $0 }) }
            let account = try SimulatedAccount(.small, time: time, source: source)
            let engine = account.engine()
            try expect(try await engine.scrape(), today: Self.midnight, "before")
            // Only the exporter's calendar is wrong; the API's is right.
            skew.withLockedValue { $0 = -3600 }
            var page = try await engine.scrape()
            try expect(page, today: Self.midnight - Self.day, "set back")
            #expect(page.samples(Self.uptime, ["day": "today"]).count == 3)
            #expect(page.samples(Self.uptime, ["day": "yesterday"]).count == 3)
            skew.withLockedValue { $0 = 0 }
            page = try await engine.scrape()
            try expect(page, today: Self.midnight, "right again")
            #expect(page.samples(Self.uptime).count == 6)
        }
    }

    /// No bucket has reports at the beginning of a day. Separate requests would return none either.
    @Test func bucketsWithoutReportsYetAreStillRequestedTogether() async throws {
        try await SimulatedTime.run(from: Self.midnight - 40) { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine {
                $0.bulk = .auto
                $0.collectors = ["buckets", "daily"]
            }
            let requests = account.simulation.requests
            for (second, hasReports) in [(1, true), (61, false), (361, true), (661, true), (961, true)] {
                try await time.sleep(until: .seconds(second))
                for bucket in account.simulation.buckets {
                    account.simulation.setOmittedFromStatistics(!hasReports, bucket: bucket.id)
                }
                let page = try await engine.scrape()
                #expect(page.samples(Self.uptime).count == (hasReports ? 3 : 0), "\(time.now)")
                let successes = page.samples(Self.success, ["collector": "daily"])
                #expect(successes.count == 3 && successes.allSatisfy { $0.value == 1 }, "\(time.now)")
            }
            #expect(requests.count(.dailyStats) == 0)
            #expect(requests.count(.dailyNodeStatistics) == 5)
        }
    }

    /// Expects the existing daily series to be about the days that their label names.
    private func expect(_ page: ParsedExposition, today: Date, _ comment: Comment) throws {
        for (name, start) in [("today", today), ("yesterday", today - Self.day)] {
            if let begins = page.value(Self.dayBegins, ["day": name]) {
                #expect(begins == start.timeIntervalSince1970, "\(name) \(comment)")
            }
            for sample in page.samples(Self.updated, ["day": name]) {
                let age = sample.value - start.timeIntervalSince1970
                // A day's last report may be from shortly before it, if its nodes have not reported yet.
                #expect(age > -600 && age < Self.day, "\(name) \(comment)")
            }
        }
    }
}
