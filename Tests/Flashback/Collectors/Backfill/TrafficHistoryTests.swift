import Basics
import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

@Suite struct TrafficHistoryTests {
    /// A reader of the days of a test, which begins on 2024-01-15.
    private func reader(
        _ account: SimulatedAccount, _ first: String, _ end: String, hasTraffic: Bool = false
    ) throws -> (HistoryReader, HistoryWriter) {
        let period = BackfillPeriod(days: try HistoryReaderTests.days(first, end), step: 86_400)
        let configuration = CollectionConfiguration()
        return (
            HistoryReader(
                client: account.client, account: nil, configuration: configuration, period: period, readsTraffic: true,
                hasTraffic: hasTraffic, time: account.time.source, logger: account.log.logger),
            HistoryWriter(period: period, configuration: configuration)
        )
    }

    /// The written lines about a bucket's traffic.
    private func lines(
        _ family: TrafficHistoryFamilies, _ outcome: HistoryReader.Outcome, _ bucket: ListedBucket, _ writer: HistoryWriter
    ) -> [String] {
        var text: [UInt8] = []
        _ = writer.write(family, of: outcome.history, about: bucket, constants: .none) { text += $0 }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// An account whose traffic requests a closure answers.
    private func account(
        _ time: ManualTime = ManualTime(), _ traffic: @escaping @Sendable (_ url: String) -> (HTTPResponse.Status, String)
    ) throws -> SimulatedAccount {
        let transport = StubTransport { request throws(TransferError) in
            if request.url.contains("/v2/") {
                let (status, body) = traffic(request.url)
                return TransferResponse(status: status, body: Array(body.utf8))
            }
            let body = request.body == nil ? #"[{"id":"b","name":"B"},{"id":"c","name":"C"}]"# : #"{"nodeStats":[]}"#
            return TransferResponse(status: .ok, body: Array(body.utf8))
        }
        return try SimulatedAccount(time: time, wrap: { _ in transport })
    }

    @Test func sumsOfADayAreWrittenOnTheNextDay() async throws {
        var configuration = SimulatorConfiguration()
        configuration.buckets = 1
        let account = try SimulatedAccount(configuration, time: ManualTime())
        let (reader, writer) = try reader(account, "2024-01-10", "2024-01-13")
        let bucket = try #require(try await reader.buckets().first)
        let outcome = try #require(await reader.read(bucket) { _ in })
        #expect(outcome.failures.isEmpty && outcome.trafficRefusal == nil)
        for family in TrafficHistoryFamilies.allCases {
            let lines = lines(family, outcome, bucket, writer)
            let start =
                "\(family.family.name){bucket_id=\"\(bucket.id)\",bucket_name=\"\(bucket.bucket.name ?? "")\",day=\"yesterday\"} "
            #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix(start) }, "\(lines)")
            #expect(lines.map { $0.suffix(10) } == ["1704844800", "1704931200", "1705017600"])
        }
        #expect(account.simulation.requests.count(.storageStatistics) == 1)
    }

    @Test(arguments: ["", "000"])
    func rowsBelongToTheDayOfTheirTime(_ unit: String) async throws {
        let account = try account { _ in
            let rows = [(1_704_672_000, 8), (1_704_758_400, 9), (1_704_844_800, 10), (1_704_931_200, 11)].map {
                #"{"ts":\#($0.0)\#(unit),"requests":\#($0.1),"latencyMs":20}"#
            }
            return (.ok, #"{"success":true,"series":[\#(rows.joined(separator: ","))]}"#)
        }
        let (reader, writer) = try reader(account, "2024-01-10", "2024-01-12")
        let bucket = try #require(try await reader.buckets().first)
        let outcome = try #require(await reader.read(bucket) { _ in })
        let labels = #"{bucket_id="b",bucket_name="B",day="yesterday"}"#
        #expect(
            lines(.requests, outcome, bucket, writer) == [
                "flashback_bucket_daily_requests\(labels) 9 1704844800", "flashback_bucket_daily_requests\(labels) 10 1704931200",
            ])
        #expect(
            lines(.latency, outcome, bucket, writer).first == "flashback_bucket_daily_latency_seconds\(labels) 0.02 1704844800")
        #expect(lines(.upload, outcome, bucket, writer) == [], "a value that the API did not return has no series")
    }

    @Test(arguments: [
        ("2024-01-10", "window=7d"), ("2024-01-09", "window=30d"), ("2023-12-18", "window=30d"), ("2023-12-17", "window=90d"),
        ("2023-02-01", "window=365d"),
    ])
    func windowBeginsBeforeTheFirstDay(_ first: String, _ window: String) async throws {
        let account = try account { url in
            (url.contains(window) && url.contains("timeBucketSize=1d") ? .ok : .internalServerError, #"{"series":[]}"#)
        }
        let (reader, _) = try reader(account, first, "2024-01-15")
        let bucket = try #require(try await reader.buckets().first)
        let outcome = try #require(await reader.read(bucket) { _ in })
        #expect(outcome.failures.isEmpty)
    }

    @Test(arguments: [
        #"{"series":[{"ts":1704844801,"requests":1}]}"#, #"{"series":[{"ts":1704844800},{"ts":1704888000}]}"#,
        #"{"series":[{"ts":1704844800},{"ts":1704844800}]}"#,
    ])
    func timesThatAreNotDaysAreRefused(_ body: String) async throws {
        let account = try account { _ in (.ok, body) }
        let (reader, _) = try reader(account, "2024-01-10", "2024-01-12")
        let bucket = try #require(try await reader.buckets().first)
        let outcome = try #require(await reader.read(bucket) { _ in })
        #expect(outcome.trafficRefusal == "GET /v2/stats/storage: the times in the answer are not those of UTC days")
        #expect(outcome.failures.isEmpty && outcome.history.traffic == nil)
    }

    @Test(arguments: [400, 401, 403, 404])
    func refusalIsReportedOnceAndEndsTheRequests(_ status: Int) async throws {
        let (account, asked) = (try account { _ in (.init(code: status), "{}") }, "GET /v2/stats/storage")
        let (reader, _) = try reader(account, "2024-01-10", "2024-01-12")
        var refusals: [String] = []
        for bucket in try await reader.buckets() {
            let outcome = try #require(await reader.read(bucket) { _ in })
            #expect(outcome.failures.isEmpty && outcome.history.failures == 0)
            refusals += [outcome.trafficRefusal].compactMap(\.self)
        }
        #expect(refusals.count == 1 && refusals[0].hasPrefix("\(asked): HTTP \(status)"), "\(refusals)")
        #expect(account.requests(asked, code: "\(status)") == 1)
    }

    @Test(arguments: [false, true], [400, 401, 403, 404])
    func refusalAfterAnAnswerIsTheBucketsFailure(_ isContinued: Bool, _ status: Int) async throws {
        let account = try account { url in
            url.contains("bucketId=\(isContinued ? "b" : "c")") ? (.init(code: status), "{}") : (.ok, #"{"series":[]}"#)
        }
        let (reader, _) = try reader(account, "2024-01-10", "2024-01-12", hasTraffic: isContinued)
        var outcomes: [HistoryReader.Outcome] = []
        for bucket in try await reader.buckets() { outcomes.append(try #require(await reader.read(bucket) { _ in })) }
        #expect(outcomes.allSatisfy { $0.trafficRefusal == nil })
        #expect(outcomes.map(\.history.failures) == (isContinued ? [1, 0] : [0, 1]))
        #expect(outcomes.map { $0.history.traffic != nil } == (isContinued ? [false, true] : [true, false]))
        let failure = try #require(outcomes.flatMap(\.failures).first)
        #expect(failure.day == nil && "\(failure.error)".contains("HTTP \(status)"))
    }

    @Test func failedBucketIsReadAgainByTheNextRun() async throws {
        let outcome = try await SimulatedTime.run { time in
            let account = try account(time) { _ in (.internalServerError, "{}") }
            let (reader, _) = try reader(account, "2024-01-10", "2024-01-12")
            let bucket = try #require(try await reader.buckets().first)
            return await reader.read(bucket) { _ in }
        }
        let read = try #require(outcome)
        #expect(read.trafficRefusal == nil && read.history.failures == 1 && !read.isFailure)
        #expect(read.failures.count == 1 && read.failures[0].day == nil)
    }
}
