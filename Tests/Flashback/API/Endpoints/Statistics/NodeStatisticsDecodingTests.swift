import Basics
import FlashbackAPI
import Foundation
import HTTPClient
import TestSupport
import Testing

/// GET /stats/nodes/minute and GET /stats/nodes/daily.
@Suite struct NodeStatisticsDecodingTests {
    private static let day = UTCDay(Date(timeIntervalSince1970: 1_717_200_000))  // 2024-06-01

    private func batch(_ ids: Identifier...) -> BucketBatch {
        var batch = BucketBatch()
        for id in ids { _ = batch.add(id) }
        return batch
    }

    private func url<Asked: Endpoint>(_ endpoint: Asked) async throws -> String {
        let transport = StubTransport(#"{"data":[]}"#)
        _ = try await client(transport).send(endpoint)
        return try #require(transport.requests.first).url
    }

    @Test func requestJoinsIdentifiersAndWritesDaysAsDigits() async throws {
        #expect(
            try await url(ListNodeStatuses(batch("a", "b&c")))
                == "https://api.example.com/stats/nodes/minute?bucketId=a%2Cb%26c")
        #expect(
            try await url(ListNodeDailyStatistics(batch("a", "b"), day: Self.day))
                == "https://api.example.com/stats/nodes/daily?bucketId=a%2Cb&startDate=1062024&endDate=1062024")
    }

    @Test(arguments: [
        #"{"nodeId":"203.0.113.1","bucketId":"b","nodeStatus":"ONLINE","lastUpdated":"2024-01-15T10:30:00Z","latency_ms":12}"#,
        #"{"nodeId":"n","ip":"203.0.113.1","unitId":"b","status":"online","last_updated":"2024-01-15T10:30:00Z","latencyMs":"12"}"#,
    ])
    func everySpellingOfALatestReportIsRead(_ row: String) throws {
        let read: Rows<BucketNodeStatus> = try rows(ListNodeStatuses(batch("b")), "{\"success\":true,\"data\":[\(row)]}")
        let status = try #require(read.rows.first)
        #expect(read.malformedFields == 0 && status.bucketID == "b")
        #expect(status.node.node == "203.0.113.1" && status.node.status == .online)
        #expect(status.node.latencyMilliseconds == 12 && status.node.region == nil && status.node.version == nil)
        #expect(status.node.lastUpdated == Date(timeIntervalSince1970: 1_705_314_600))
    }

    @Test(arguments: [
        #"{"nodeId":7,"bucketId":"b","day":1062024,"online":99.5,"latency_ms":12.25,"endpoint":"*-eu.flashback.tech"}"#,
        #"{"nodeId":"7","unitId":"b","day":"1717200000","online":"99.5","latencyMs":"12.25","endpoint":"*-eu.flashback.tech"}"#,
        #"{"nodeId":"7","unitId":"b","day":1717200000000,"perc_uptime":99.5,"avg_latency_ms":12.25,"host":"*-eu.flashback.tech"}"#,
    ])
    func everySpellingOfADaysStatisticsIsRead(_ row: String) throws {
        let read: Rows<BucketNodeDailyStatistics> = try rows(
            ListNodeDailyStatistics(batch("b"), day: Self.day), "{\"success\":true,\"data\":[\(row)]}")
        let statistics = try #require(read.rows.first)
        #expect(read.malformedFields == 0 && statistics.bucketID == "b" && statistics.day == Self.day)
        #expect(statistics.node.node == "7" && statistics.node.host == "*-eu.flashback.tech")
        #expect(statistics.node.uptimePercentage == 99.5 && statistics.node.averageLatencyMilliseconds == 12.25)
        #expect(statistics.node.lastLatencyMilliseconds == nil && statistics.node.lastUpdated == nil)
    }

    @Test func rowsNeedABucketAndANodeOnly() throws {
        let list =
            #"{"data":[{"nodeId":"1"},{"bucketId":"b"},{"bucketId":"b","nodeId":""},{"bucketId":"b","nodeId":1.5},{"bucketId":"b","nodeId":"1"}]}"#
        let read: Rows<BucketNodeDailyStatistics> = try rows(ListNodeDailyStatistics(batch("b"), day: Self.day), list)
        #expect(read.rows.count == 1 && read.malformedRows == 4)
        #expect(read.rows[0].day == nil && read.rows[0].node.host == nil)
    }

    @Test func batchIsLimitedByItsBucketsAndBytes() {
        var batch = BucketBatch()
        for number in 0..<300 where !batch.add(Identifier("\(number)")) { break }
        #expect(batch.bucketIDs.count == BucketBatch.maximumBuckets)
        // 200 UUIDs fit.
        var uuids = BucketBatch()
        while uuids.add(Identifier(UUID().uuidString)) {}
        #expect(uuids.bucketIDs.count == BucketBatch.maximumBuckets)
        // Percent-encoding triples their length.
        var long = BucketBatch()
        while long.add(Identifier(String(repeating: "é", count: 100))) {}
        #expect(long.bucketIDs.count == 12)
        // A single identifier always fits.
        var single = BucketBatch()
        #expect(single.add(Identifier(String(repeating: "x", count: 9000))) && !single.add("y"))
        #expect(BucketBatch.admits("a") && !BucketBatch.admits("a,b"))
    }

    @Test(arguments: ["2024-06-01", "2024-12-31", "2024-02-29", "1999-01-10"])
    func dayIsReadFromDecimalDigits(_ text: String) throws {
        let date = try Date("\(text)T12:00:00Z", strategy: .iso8601)
        let parts = text.split(separator: "-")
        #expect(UTCDay(date).decimalDigits == Int64(parts[2] + parts[1] + parts[0]))
        #expect(UTCDay(field: UTCDay(date).decimalDigits) == UTCDay(date))
        #expect(UTCDay(field: Int64(date.timeIntervalSince1970)) == UTCDay(date))
        #expect(UTCDay(field: Int64(date.timeIntervalSince1970) * 1000) == UTCDay(date))
    }

    @Test(arguments: [0, -1, 31_022_024, 1_132_024, 1_002_024, Int64.max, Int64.min, 253_402_300_800_000] as [Int64])
    func invalidDayIsNil(_ field: Int64) { #expect(UTCDay(field: field) == nil) }
}
