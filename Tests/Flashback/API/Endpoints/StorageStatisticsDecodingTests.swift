import Basics
import FlashbackAPI
import Foundation
import Testing

@Suite struct StorageStatisticsDecodingTests {
    private func rows(_ series: String) throws -> Rows<StorageTraffic> {
        try ReadStorageStatistics(bucketID: "b", window: .days30).answer(
            from: AnswerBody(Array(#"{"success":true,"meta":{"window":"30d"},"series":[\#(series)]}"#.utf8)))
    }

    @Test func requestNamesScopeWindowSizeAndBucket() {
        let endpoint = ReadStorageStatistics(bucketID: "b", window: .days365)
        #expect(endpoint.path == ["v2", "stats", "storage"])
        #expect(endpoint.query.map { "\($0)=\($1)" } == ["scope=org", "window=365d", "timeBucketSize=1d", "bucketId=b"])
    }

    @Test(arguments: ["1705276800", "1705276800000", "\"1705276800\""])
    func timesAreSecondsOrMilliseconds(_ time: String) throws {
        #expect(try rows(#"{"ts":\#(time)}"#).rows.map(\.start) == [Date(timeIntervalSince1970: 1_705_276_800)])
    }

    @Test func largeNumbersAreExactAlsoAsStrings() throws {
        let row = try #require(
            try rows(
                #"{"ts":0,"uplBytes":9007199254740993,"dwlBytes":"9007199254740995","sizeChange":-5,"latencyMs":12.5,"requests":7}"#
            ).rows.first)
        #expect(row.uploadBytes == 9_007_199_254_740_993 && row.downloadBytes == 9_007_199_254_740_995)
        #expect(row.sizeChange == -5 && row.latencyMilliseconds == 12.5 && row.requests == 7)
    }

    @Test func rowWithoutTimeAndImpossibleValueAreDropped() throws {
        let rows = try rows(#"{"requests":1},{"ts":86400,"requests":-1,"uplBytes":"many"}"#)
        #expect(rows.malformedRows == 1 && rows.rows.count == 1 && rows.outOfRangeFields == 1 && rows.malformedFields == 1)
        #expect(rows.rows[0].requests == nil && rows.rows[0].uploadBytes == nil)
    }
}
