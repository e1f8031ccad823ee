import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// Buckets that one list omits and the next one contains again.
@Suite struct AccountColumnTests {
    private static let operations = "flashback_bucket_requests_total"
    private static let regressions = "flashback_bucket_totals_regressions_total"
    private static let available = "flashback_bucket_available"

    private func run(
        totals lifetime: Duration,
        _ body: @escaping @Sendable (ManualTime, SimulatedAccount, CollectionEngine, [String: String]) async throws -> Void
    ) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine {
                $0.collectors = ["buckets", "totals", "available"]
                $0.lifetimes = ["totals": lifetime, "available": lifetime]
            }
            try await body(time, account, engine, ["bucket_id": account.simulation.buckets[0].id])
        }
    }

    /// Makes the list omit the first bucket, or contain all again.
    private func omitFirst(_ isOmitted: Bool, _ account: SimulatedAccount) {
        account.simulation.faults.removeAll()
        if !isOmitted { return }
        let rows = account.simulation.buckets.dropFirst().map { #"{"id":"\#($0.id)","name":"\#($0.id)"}"# }
        account.simulation.faults.add(.body(Array("[\(rows.joined(separator: ","))]".utf8)), to: .listBuckets)
    }

    @Test func answerThatCameMeanwhileIsApplied() async throws {
        try await run(totals: .seconds(60)) { time, account, engine, label in
            let id = account.simulation.buckets[0].id
            account.simulation.setTotals(SimulatedTotals(count: 1000), ofBucket: id)
            var page = try await engine.scrape()
            #expect(page.value(Self.operations, label) == 1000 && page.value(Self.available, label) == 1)
            omitFirst(true, account)
            account.simulation.setTotals(SimulatedTotals(count: 2000), ofBucket: id)
            account.simulation.setAvailable([])
            try await time.sleep(until: .seconds(61))
            #expect(try await engine.scrape().samples(Self.operations, label).isEmpty)
            omitFirst(false, account)
            try await time.sleep(until: .seconds(92))
            page = try await engine.scrape()
            #expect(account.simulation.requests.count(.bucketTotals) == 2)
            #expect(page.value(Self.operations, label) == 2000)
            #expect(page.samples(Self.available, label).isEmpty, "whether it was listed before that answer is not known")
        }
    }

    @Test func answerThatWasAppliedBeforeIsNotAppliedAgain() async throws {
        try await run(totals: .seconds(300)) { time, account, engine, label in
            let id = account.simulation.buckets[0].id
            account.simulation.setTotals(SimulatedTotals(count: 1000), ofBucket: id)
            _ = try await engine.scrape()
            account.simulation.setTotals(SimulatedTotals(count: 990), ofBucket: id)
            try await time.sleep(until: .seconds(301))
            #expect(try await engine.scrape().value(Self.regressions, label) == 1)
            omitFirst(true, account)
            try await time.sleep(until: .seconds(332))
            #expect(try await engine.scrape().samples(Self.operations, label).isEmpty)
            omitFirst(false, account)
            try await time.sleep(until: .seconds(363))
            let page = try await engine.scrape()
            #expect(account.simulation.requests.count(.bucketTotals) == 2)
            #expect(page.value(Self.operations, label) == 1000 && page.value(Self.regressions, label) == 1)
            #expect(page.value(Self.available, label) == 1)
        }
    }
}
