import Basics
import FlashbackAPI
import Testing

/// GET /bucket/stats, whose totals the client types as strings.
@Suite struct BucketTotalsDecodingTests {
    private func totals(_ row: String) throws -> Rows<BucketTotals> {
        try rows(ListBucketTotals(), "{\"success\":true,\"stats\":[\(row)]}")
    }

    @Test(arguments: [
        #"{"bucketId":"1","totalCount":"7","totalUploadBytes":"9007199254740993","totalDownloadBytes":"0","totalSizeChange":"-5"}"#,
        #"{"bucketId":"1","totalCount":7,"totalUploadBytes":9007199254740993,"totalDownloadBytes":0,"totalSizeChange":-5}"#,
        #"{"unitId":"1","requests":"7","upl_bytes":"9007199254740993","dwl_bytes":0,"size_change":-5}"#,
        #"{"unitId":"1","requests":7,"uplBytes":9007199254740993,"dwlBytes":"0","sizeChange":"-5"}"#,
        #"{"bucketId":null,"unitId":"1","totalCount":null,"requests":7,"totalUploadBytes":null,"upl_bytes":"9007199254740993","dwlBytes":0,"sizeChange":-5}"#,
    ])
    func everySpellingIsRead(_ row: String) throws {
        let read = try totals(row)
        #expect(read.malformedFields == 0)
        let totals = try #require(read.rows.first)
        #expect(totals.bucketID == "1")
        #expect(totals.requests == 7)
        #expect(totals.uploadBytes == 9_007_199_254_740_993)
        #expect(totals.downloadBytes == 0)
        #expect(totals.sizeChangeBytes == -5)
    }

    @Test(arguments: [
        ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("9007199254740993", 9_007_199_254_740_993),
        ("18014398509481985", 18_014_398_509_481_985), ("0", 0),
    ])
    func wholeNumbersAreExact(_ digits: String, _ number: Int64) throws {
        #expect(try totals("{\"bucketId\":\"1\",\"totalSizeChange\":\(digits)}").rows.first?.sizeChangeBytes == number)
        #expect(try totals("{\"bucketId\":\"1\",\"totalSizeChange\":\"\(digits)\"}").rows.first?.sizeChangeBytes == number)
    }

    @Test(arguments: [
        "\"\"", "\"seven\"", "\"7.5\"", "7.5", "\" 7\"", "\"9223372036854775808\"", "9223372036854775808", "true", "[]", "{}",
        "[7]", "1e400",
    ])
    func nonIntegersAreCounted(_ value: String) throws {
        let read = try totals("{\"bucketId\":\"1\",\"totalCount\":\(value),\"totalUploadBytes\":\"8\"}")
        #expect(read.rows.first?.requests == nil)
        #expect(read.rows.first?.uploadBytes == 8)
        #expect(read.malformedFields == 1)
    }

    @Test func missingAndNullTotalsAreNotCounted() throws {
        for row in [#"{"bucketId":"1"}"#, #"{"bucketId":"1","totalCount":null,"totalUploadBytes":null}"#] {
            let read = try totals(row)
            #expect(read.rows.count == 1 && read.malformedFields == 0)
            #expect(read.rows.first?.requests == nil)
        }
    }

    @Test func listMayBeBareOrNamedData() throws {
        let row = #"{"bucketId":"1"}"#
        for body in ["[\(row)]", "{\"data\":[\(row)]}"] {
            let read: Rows<BucketTotals> = try rows(ListBucketTotals(), body)
            #expect(read.rows.count == 1)
        }
    }

    @Test func availableBucketsMayBeABareArray() throws {
        let row = #"{"id":"1","name":"x","key":"AKIA"}"#
        for body in ["[\(row)]", "{\"success\":true,\"buckets\":[\(row)]}", "{\"data\":[\(row)]}"] {
            let read: Rows<AvailableBucket> = try rows(ListAvailableBuckets(), body)
            #expect(read.rows.map(\.id) == ["1"])
        }
    }
}
