import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct HistoryReaderTests {
    /// The days of a test; all tests begin on 2024-01-15.
    static func days(_ first: String, _ end: String) throws -> Range<UTCDay> {
        try #require(UTCDay(parsing: first))..<(try #require(UTCDay(parsing: end)))
    }

    private func reader(
        _ account: SimulatedAccount, _ days: Range<UTCDay>, _ change: (inout CollectionConfiguration) -> Void = { _ in }
    ) -> HistoryReader {
        var configuration = CollectionConfiguration()
        change(&configuration)
        return HistoryReader(
            client: account.client, account: nil, configuration: configuration,
            period: BackfillPeriod(days: days, step: 3600), time: account.time.source, logger: account.log.logger)
    }

    private static func simulator(buckets: Int = 3) -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        return configuration
    }

    @Test func eachDayAndTheOneBeforeTheFirstAreReadOnce() async throws {
        let account = try SimulatedAccount(Self.simulator(), time: ManualTime())
        let reader = reader(account, try Self.days("2024-01-10", "2024-01-13"))
        let bucket = try #require(try await reader.buckets().first)
        let finished = NIOLockedValueBox(0)
        let outcome = try #require(await reader.read(bucket) { count in finished.withLockedValue { $0 += count } })
        #expect(reader.days(of: bucket).map(\.date) == ["2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12"])
        #expect(account.simulation.requests.count(.dailyStats, status: 200) == 4)
        #expect(finished.withLockedValue { $0 } == 4)
        #expect(outcome.failures.isEmpty && !outcome.isFailure && outcome.dropped == 0)
        #expect(outcome.history.failures == 0 && outcome.history.bucket == bucket.id.text)
    }

    @Test func disabledCollectorNeedsNoDays() async throws {
        let account = try SimulatedAccount(Self.simulator(), time: ManualTime())
        let days = try Self.days("2024-01-10", "2024-01-13")
        let bucket = try #require(try await reader(account, days).buckets().first)
        let today = reader(account, days) { $0.collectors = ["daily"] }.days(of: bucket)
        #expect(today.map(\.date) == ["2024-01-10", "2024-01-11", "2024-01-12"])
        let yesterday = reader(account, days) { $0.collectors = ["yesterday"] }.days(of: bucket)
        #expect(yesterday.map(\.date) == ["2024-01-09", "2024-01-10", "2024-01-11"])
        #expect(reader(account, days) { $0.collectors = ["status"] }.days(of: bucket).isEmpty)
    }

    @Test func daysBeforeTheBucketsCreationAreNotRequested() async throws {
        let account = try SimulatedAccount(Self.simulator(buckets: 0), time: ManualTime())
        _ = account.simulation.createBucket(name: "new")
        let reader = reader(account, try Self.days("2024-01-10", "2024-01-17"))
        let bucket = try #require(try await reader.buckets().first)
        #expect(reader.days(of: bucket).map(\.date) == ["2024-01-15", "2024-01-16"])
        let past = self.reader(account, try Self.days("2024-01-01", "2024-01-05"))
        #expect(past.days(of: bucket).isEmpty)
        let outcome = try #require(await past.read(bucket) { _ in })
        #expect(outcome.history.failures == 0 && !outcome.isFailure)
    }

    @Test func forbiddenBucketTakesOneRequestAndIsOneFailure() async throws {
        let account = try SimulatedAccount(Self.simulator(), time: ManualTime())
        let reader = reader(account, try Self.days("2024-01-01", "2024-01-13"))
        let bucket = try #require(try await reader.buckets().first)
        account.simulation.setForbidden(true, bucket: bucket.id.text)
        let finished = NIOLockedValueBox(0)
        let outcome = try #require(await reader.read(bucket) { count in finished.withLockedValue { $0 += count } })
        #expect(account.simulation.requests.count(.dailyStats) == 1)
        #expect(outcome.failures.map(\.day?.date) == ["2023-12-31"])
        #expect(outcome.isBucketRefused && outcome.isFailure)
        #expect(finished.withLockedValue { $0 } == 13, "the requests that were not made count as done")
    }

    @Test func failedDayIsRetriedAndLeavesTheOthersIntact() async throws {
        let outcome = try await SimulatedTime.run { time in
            let account = try SimulatedAccount(Self.simulator(), time: time)
            let reader = reader(account, try Self.days("2024-01-01", "2024-01-05"))
            let bucket = try #require(try await reader.buckets().first)
            account.simulation.faults.add(.status(500), to: .dailyStats, times: 2)
            return await reader.read(bucket) { _ in }
        }
        let read = try #require(outcome)
        #expect(read.failures.map(\.day?.date) == ["2023-12-31"])
        #expect(!read.isBucketRefused && !read.isFailure && read.history.failures == 1)
        #expect(String(decoding: read.history.line, as: UTF8.self).contains("2024-01-04"))
    }

    @Test func readerWaitsForPausesLongerThanTheTimeout() async throws {
        let (outcome, uptime) = try await SimulatedTime.run { time in
            let account = try SimulatedAccount(Self.simulator(), time: time)
            let reader = reader(account, try Self.days("2024-01-01", "2024-01-05"))
            let bucket = try #require(try await reader.buckets().first)
            let place = try await account.client.budget.acquire(until: .seconds(3600))
            account.client.budget.releaseThrottled(place, retryAfter: .seconds(900))
            return (await reader.read(bucket) { _ in }, time.uptime)
        }
        let read = try #require(outcome)
        #expect(read.failures.isEmpty)
        #expect(uptime >= .seconds(900) && uptime < .seconds(960), "\(uptime)")
    }

    @Test func requestsKeepToTheBudget() async throws {
        let (outcome, uptime) = try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.maximumRate = 2
            let account = try SimulatedAccount(Self.simulator(), settings, time: time)
            let reader = reader(account, try Self.days("2024-01-01", "2024-01-11"))
            let bucket = try #require(try await reader.buckets().first)
            return (await reader.read(bucket) { _ in }, time.uptime)
        }
        #expect(try #require(outcome).failures.isEmpty)
        #expect(uptime >= .seconds(5), "12 requests at 2 a second took \(uptime)")
    }

    @Test func cancelledBackfillHasNoOutcome() async throws {
        let account = try SimulatedAccount(Self.simulator(), time: ManualTime())
        let reader = reader(account, try Self.days("2024-01-01", "2024-01-11"))
        let bucket = try #require(try await reader.buckets().first)
        account.simulation.setOutage(.hanging)
        let task = Task { await reader.read(bucket) { _ in } }
        await account.simulation.requests.wait(untilReceived: 2)
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func historyIsRestoredFromItsLine() async throws {
        let account = try SimulatedAccount(Self.simulator(), time: ManualTime())
        let reader = reader(account, try Self.days("2024-01-01", "2024-01-11"))
        let bucket = try #require(try await reader.buckets().last)
        let history = try #require(await reader.read(bucket) { _ in }).history
        #expect(BucketHistory(line: history.line) == history)
        #expect(history.line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && history.line.last == UInt8(ascii: "\n"))
        for length in 0..<history.line.count - 1 { #expect(BucketHistory(line: Array(history.line[..<length])) == nil) }
    }
}
