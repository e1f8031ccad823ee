import Basics
import FlashbackAPI
import Foundation
import Testing

/// GET /bucket/{bucketId}/status and POST /bucket/{bucketId}/stats.
@Suite struct NodeDecodingTests {
    private let day = UTCDay(Date(timeIntervalSince1970: 0))

    private func statuses(_ row: String) throws -> Rows<NodeStatus> {
        try rows(ReadBucketStatus(bucketID: "1"), "{\"bucketId\":\"1\",\"nodeStatus\":[\(row)]}")
    }

    private func days(_ row: String) throws -> Rows<NodeDailyStatistics> {
        try rows(ReadBucketDailyStatistics(bucketID: "1", day: day), "{\"success\":true,\"nodeStats\":[\(row)]}")
    }

    @Test(arguments: [
        #"{"ip":"203.0.113.1","region":"eu","version":"1.4","status":"ONLINE","latency_ms":12,"lastUpdated":"2024-01-15T10:30:00Z"}"#,
        #"{"ip":"203.0.113.1","region":"eu","version":"1.4","status":"ONLINE","latencyMs":12,"last_updated":"2024-01-15T10:30:00Z"}"#,
        #"{"ip":"203.0.113.1","region":"eu","version":"1.4","nodeStatus":"online","latencyMs":"12","lastUpdated":"2024-01-15T10:30:00.000Z"}"#,
        #"{"ip":"203.0.113.1","region":"eu","version":"1.4","node_status":"running","latency_ms":null,"latencyMs":12.0,"lastUpdated":"2024-01-15T10:30:00Z"}"#,
    ])
    func everySpellingOfAStatusIsRead(_ row: String) throws {
        let read = try statuses(row)
        let node = try #require(read.rows.first)
        #expect(read.malformedFields == 0)
        #expect(node.node == "203.0.113.1")
        #expect(node.region == "eu")
        #expect(node.version == "1.4")
        #expect(node.status == .online)
        #expect(node.latencyMilliseconds == 12)
        #expect(node.lastUpdated == Date(timeIntervalSince1970: 1_705_314_600))
    }

    @Test func bucketMayBeNamedUnit() throws {
        let body = #"{"unitId":"1","nodeStatus":[{"ip":"203.0.113.1"}]}"#
        let read: Rows<NodeStatus> = try rows(ReadBucketStatus(bucketID: "1"), body)
        #expect(read.rows.count == 1)
    }

    @Test(arguments: [
        #"{"ip":"203.0.113.1","host":"*-eu-aws.flashback.tech","perc_uptime":99.5,"avg_latency_ms":12.25,"version":"1","node_status":"ONLINE","last_updated":"2024-01-15T10:30:00Z","last_latency_ms":9}"#,
        #"{"ip":"203.0.113.1","endpoint":"*-eu-aws.flashback.tech","online":"99.5","avg_latency_ms":"12.25","lastUpdated":"2024-01-15T10:30:00Z","last_latency_ms":9.0}"#,
        #"{"ip":"203.0.113.1","url":"*-eu-aws.flashback.tech","perc_uptime":null,"online":99.5,"avg_latency_ms":12.25,"last_updated":"2024-01-15T10:30:00Z","last_latency_ms":"9"}"#,
    ])
    func everySpellingOfADayIsRead(_ row: String) throws {
        let read = try days(row)
        let node = try #require(read.rows.first)
        #expect(read.malformedFields == 0)
        #expect(node.node == "203.0.113.1")
        #expect(node.host == "*-eu-aws.flashback.tech")
        #expect(node.uptimePercentage == 99.5)
        #expect(node.averageLatencyMilliseconds == 12.25)
        #expect(node.lastLatencyMilliseconds == 9)
        #expect(node.lastUpdated == Date(timeIntervalSince1970: 1_705_314_600))
    }

    @Test func missingFieldsAreNotCounted() throws {
        let status = try statuses(#"{"ip":"203.0.113.1"},{"ip":"203.0.113.2","latency_ms":null,"status":null}"#)
        #expect(status.rows.count == 2 && status.malformedFields == 0)
        #expect(status.rows[0].latencyMilliseconds == nil && status.rows[0].status == nil)
        let day = try days(#"{"ip":"203.0.113.1"},{"ip":"203.0.113.2","perc_uptime":null,"host":null}"#)
        #expect(day.rows.count == 2 && day.malformedFields == 0)
        #expect(day.rows[1].uptimePercentage == nil)
    }

    @Test(arguments: ["true", "[]", "{}", "\"fast\"", "\"\"", "\"nan\"", "\"inf\"", "\"-Infinity\"", "1e999", "\"1e999\""])
    func invalidLatencyDropsItselfOnly(_ value: String) throws {
        let read = try statuses("{\"ip\":\"a\",\"status\":\"ONLINE\",\"latency_ms\":\(value)},{\"ip\":\"b\",\"latency_ms\":1}")
        #expect(read.rows.map(\.latencyMilliseconds) == [nil, 1])
        #expect(read.rows.first?.status == .online)
        #expect(read.malformedFields == 1 && read.malformedRows == 0)
    }

    @Test func nodeWithoutAddressDropsItselfOnly() throws {
        #expect(try statuses(#"{"region":"eu"},{"ip":"b"}"#).malformedRows == 1)
        #expect(try days(#"{"host":"x"},{"ip":"b"}"#).rows.map(\.node) == ["b"])
    }
}
