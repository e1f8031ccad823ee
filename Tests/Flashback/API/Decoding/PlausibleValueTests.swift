import Basics
import FlashbackAPI
import Foundation
import Testing

/// Values that are valid JSON but make no sense: readers of the metrics would reject them, or trust them.
@Suite struct PlausibleValueTests {
    private func totals(_ fields: String) throws -> (row: BucketTotals?, outOfRange: Int) {
        let rows: Rows<BucketTotals> = try rows(ListBucketTotals(), #"[{"bucketId":"1",\#(fields)}]"#)
        #expect(rows.malformedFields == 0)
        return (rows.rows.first, rows.outOfRangeFields)
    }

    private func status(_ fields: String) throws -> (row: NodeStatus?, outOfRange: Int) {
        let rows: Rows<NodeStatus> = try rows(ReadBucketStatus(bucketID: "1"), #"[{"ip":"a",\#(fields)}]"#)
        return (rows.rows.first, rows.outOfRangeFields)
    }

    private func daily(_ fields: String) throws -> (row: NodeDailyStatistics?, outOfRange: Int) {
        let endpoint = ReadBucketDailyStatistics(bucketID: "1", day: UTCDay(Date(timeIntervalSince1970: 0)))
        let rows: Rows<NodeDailyStatistics> = try rows(endpoint, #"[{"ip":"a",\#(fields)}]"#)
        return (rows.rows.first, rows.outOfRangeFields)
    }

    @Test func negativeCountersAreDropped() throws {
        for name in ["totalCount", "totalUploadBytes", "totalDownloadBytes"] {
            for value in ["-1", #""-1""#, "-9223372036854775808"] {
                let (row, outOfRange) = try totals(#""\#(name)":\#(value),"totalSizeChange":-5"#)
                #expect(row?.requests == nil && row?.uploadBytes == nil && row?.downloadBytes == nil && outOfRange == 1)
                #expect(row?.sizeChangeBytes == -5, "a change may be negative")
            }
            #expect(try totals(#""\#(name)":0"#).outOfRange == 0)
            #expect(try totals(#""\#(name)":9223372036854775807"#).outOfRange == 0)
        }
    }

    @Test(arguments: ["1.7976931348623157e308", "1e300", "-0.001", "86400001", #""-1""#])
    func implausibleLatenciesAreDropped(_ value: String) throws {
        for name in ["latency_ms", "latencyMs"] {
            let (row, outOfRange) = try status(#""\#(name)":\#(value),"status":"ONLINE""#)
            #expect(row?.latencyMilliseconds == nil && row?.status == .online && outOfRange == 1)
        }
        for name in ["avg_latency_ms", "last_latency_ms"] {
            let (row, outOfRange) = try daily(#""\#(name)":\#(value),"perc_uptime":1"#)
            #expect(row?.averageLatencyMilliseconds == nil && row?.lastLatencyMilliseconds == nil && outOfRange == 1)
            #expect(row?.uptimePercentage == 1)
        }
    }

    @Test(arguments: ["0", "0.001", "86400000", "-0"])
    func plausibleLatenciesAreRead(_ value: String) throws {
        #expect(try status(#""latency_ms":\#(value)"#).row?.latencyMilliseconds == Double(value))
    }

    @Test(arguments: [
        ("-1", nil), ("100.1", nil), ("1e308", nil), ("0", 0), ("100", 100), ("100.00000000000001", 100), ("99.5", 99.5),
    ])
    func uptimeIsAShareOfADay(_ value: String, _ read: Double?) throws {
        let (row, outOfRange) = try daily(#""perc_uptime":\#(value)"#)
        #expect(row?.uptimePercentage == read && outOfRange == (read == nil ? 1 : 0))
    }

    @Test(arguments: [
        ("1969-12-31T23:59:59Z", nil), ("0001-01-01T00:00:00Z", nil), ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799), ("2024-01-15T10:30:00+02:00", 1_705_307_400),
    ])
    func plausibleMomentsAreRead(_ value: String, _ seconds: Double?) throws {
        let (row, outOfRange) = try status(#""lastUpdated":"\#(value)""#)
        #expect(row?.lastUpdated?.timeIntervalSince1970 == seconds && outOfRange == (seconds == nil ? 1 : 0))
    }

    @Test(arguments: ["+300000-01-01T00:00:00Z", "300000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"])
    func implausibleMomentsAreDropped(_ value: String) throws {
        let rows: Rows<NodeStatus> = try rows(ReadBucketStatus(bucketID: "1"), #"[{"ip":"a","lastUpdated":"\#(value)"}]"#)
        #expect(rows.rows.first?.lastUpdated == nil && rows.malformedFields + rows.outOfRangeFields == 1)
    }

    @Test func longLabelDropsItselfOnly() throws {
        let long = String(repeating: "é", count: 1025)
        let read: Rows<Bucket> = try rows(ListBuckets(), #"[{"id":"1","name":"\#(long)","region":"r"}]"#)
        #expect(read.rows.first?.name == nil && read.rows.first?.region == "r" && read.outOfRangeFields == 1)
        let longest: Rows<Bucket> = try rows(ListBuckets(), #"[{"id":"1","name":"\#(long.dropLast())"}]"#)
        #expect(longest.rows.first?.name?.utf8.count == 2048 && longest.outOfRangeFields == 0)
        let huge = String(repeating: "x", count: 70_000)
        #expect(try status(#""region":"\#(huge)""#).row?.region == nil)
    }

    @Test func longIdentifierDropsItsRow() throws {
        let long = String(repeating: "x", count: 513)
        let read: Rows<Bucket> = try rows(ListBuckets(), #"[{"id":"\#(long)"},{"id":"\#(long.dropLast())"}]"#)
        #expect(read.rows.count == 1 && read.malformedRows == 1 && read.outOfRangeFields == 1)
    }

    /// Two identifiers with invalid UTF-8 could become equal when they are repaired.
    @Test func invalidUTF8InIdentifierDropsItsRow() throws {
        let body = Array(#"[{"id":"a"},{"id":""#.utf8) + [0xFF] + Array(#""},{"id":""#.utf8) + [0xFE] + Array(#"\n"}]"#.utf8)
        let read: Rows<Bucket> = try rows(ListBuckets(), body)
        #expect(read.rows.map(\.id) == ["a"] && read.malformedRows == 2 && read.malformedFields == 2)
    }

    @Test func listWithTooManyRowsIsRefused() throws {
        func list(_ count: Int, _ row: String) -> AnswerBody {
            let body = "[" + Array(repeating: row, count: count).joined(separator: ",") + "]"
            return AnswerBody(Array(body.utf8), maximumRows: ReadBucketStatus.limits.rows)
        }
        let most = ReadBucketStatus.limits.rows
        let endpoint = ReadBucketStatus(bucketID: "1")
        #expect(try endpoint.answer(from: list(most, #"{"ip":"a"}"#)).rows.count == most)
        #expect(throws: UnreadableAnswer.tooManyRows(name: "nodeStatus", limit: most)) {
            try endpoint.answer(from: list(most + 1, #"{"ip":"a"}"#))
        }
        // Entries that are not rows do not count.
        #expect(throws: UnreadableAnswer.unreadableRows(name: "nodeStatus")) { try endpoint.answer(from: list(100_000, "0")) }
    }
}
