import Basics
import FlashbackAPI
import Foundation
import Testing

/// GET /repo and GET /repo/stats.
@Suite struct RepositoryDecodingTests {
    private func repositories(_ body: String) throws -> Rows<Repository> { try rows(ListRepositories(), body) }

    private func buckets(_ list: String) throws -> (buckets: [RepositoryBucket], rows: Rows<Repository>) {
        let read = try repositories(#"{"repos":[{"id":"r1",\#(list)}]}"#)
        return (try #require(read.rows.first).buckets, read)
    }

    @Test func rowIsReadWithoutItsCredentials() throws {
        let read = try repositories(
            """
            {"success":true,"repos":[{"id":"r1","name":"files","storageType":"S3","mode":"MIRROR","workspaceId":"w1",
            "buckets":[{"folder":"a","master":true,"bucketId":"b1","bucket":{"id":"b1","key":"SECRET","secret":{"key":"SECRET"}}},
            {"folder":"b","master":false,"bucketId":"b2"}],"apiKeys":[{"key":"SECRET","secret":"SECRET"}],"aiLlms":[{"secret":"SECRET"}],
            "aiApiKeys":[{"id":"SECRET"}],"createdAt":"2024-01-15T10:30:00.000Z","disabled":true}]}
            """)
        let repository = try #require(read.rows.first)
        #expect(read.rows.count == 1 && read.malformedRows == 0 && read.malformedFields == 0)
        #expect(repository.id == "r1" && repository.name == "files" && repository.workspaceID == "w1")
        #expect(repository.storageType == .s3 && repository.mode == "MIRROR" && repository.isDisabled == true)
        #expect(repository.createdAt == Date(timeIntervalSince1970: 1_705_314_600))
        #expect(repository.buckets.map(\.bucketID) == ["b1", "b2"])
        #expect(repository.buckets.map(\.folder) == ["a", "b"])
        #expect(repository.buckets.map(\.isMaster) == [true, false])
        var dumped = ""
        dump(read, to: &dumped)
        #expect(!dumped.contains("SECRET"))
        for name in ["apiKeys", "aiLlms", "aiApiKeys", "accessType"] { #expect(FieldName(rawValue: name) == nil) }
    }

    @Test(arguments: [
        #""buckets":[{"bucketId":"b1"}]"#, #""units":[{"unitId":"b1"}]"#, #""buckets":[{"unitId":"b1"}]"#,
        #""buckets":[{"bucket":{"id":"b1"}}]"#, #""units":[{"unit":{"id":"b1"}}]"#, #""buckets":null,"units":[{"unitId":"b1"}]"#,
        #""buckets":[{"bucketId":null,"bucket":{"key":"x","id":"b1","more":[{"id":"b2"}]}}]"#,
        #""b\u0075ckets":[{"bucketId":"b1"}]"#,
        #""buckets": [ {"bucket" : { "id" : "b1" } } ] "#,
    ])
    func everySpellingOfTheBucketsIsRead(_ list: String) throws {
        let (buckets, read) = try buckets(list)
        #expect(buckets.map(\.bucketID) == ["b1"])
        #expect(read.malformedFields == 0)
    }

    @Test(arguments: [
        (#""buckets":"none""#, 0, 1), (#""buckets":{}"#, 0, 1), (#""buckets":[]"#, 0, 0), (#""name":"x""#, 0, 0),
        (#""buckets":[{},7,{"bucketId":"b1"},[]]"#, 1, 3), (#""buckets":[{"bucket":{}}]"#, 0, 1),
        (#""buckets":[{"bucket":[{"id":"b1"}]}]"#, 0, 2), (#""buckets":[{"bucketId":7}]"#, 0, 2),
        (#""buckets":[{"bucketId":"b1","master":"yes","folder":7}]"#, 1, 2), (#""buckets":[[[[]]],null]"#, 0, 2),
        (#""buckets":[{"bucketId":"\ud800"}]"#, 0, 2),
    ])
    func malformedBucketsAffectNoOtherFields(_ list: String, _ count: Int, _ malformed: Int) throws {
        let (buckets, read) = try buckets(list)
        #expect(buckets.count == count)
        #expect(read.malformedFields == malformed)
    }

    @Test func repositoryWithImplausiblyManyBucketsHasNone() throws {
        let list = Array(repeating: #"{"bucketId":"b"}"#, count: 16_385).joined(separator: ",")
        let (buckets, read) = try buckets(#""buckets":[\#(list)]"#)
        #expect(buckets.isEmpty && read.malformedFields == 1)
    }

    @Test func nestingBeyondTheLimitIsRefused() {
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        #expect(throws: UnreadableAnswer.notJSON) { _ = try repositories(#"[{"id":"1","buckets":\#(deep)}]"#) }
        // Up to the limit, nested lists are skipped without recursion.
        let skipped = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(throws: Never.self) { _ = try repositories(#"[{"id":"1","buckets":\#(skipped)}]"#) }
    }

    @Test func repositoryWithoutIdentifierIsDroppedAndModesAreUppercase() throws {
        let read = try repositories(#"[{"name":"x"},{"id":""},{"id":"r1","mode":"mirror","disabled":"yes"},7]"#)
        #expect(read.rows.map(\.mode) == ["MIRROR"])
        #expect(read.malformedRows == 3 && read.malformedFields == 1)
        #expect(read.rows.first?.isDisabled == nil)
    }

    @Test(arguments: [
        #"{"repoId":"r1","totalUploadBytes":"9007199254740993","totalDownloadBytes":"0","totalSizeChange":"-5"}"#,
        #"{"repoId":"r1","totalUploadBytes":9007199254740993,"totalDownloadBytes":0,"totalSizeChange":-5}"#,
        #"{"repoId":"r1","upl_bytes":"9007199254740993","dwl_bytes":0,"size_change":-5}"#,
        #"{"repoId":"r1","uplBytes":9007199254740993,"dwlBytes":"0","sizeChange":"-5"}"#,
    ])
    func everySpellingOfTotalsIsRead(_ row: String) throws {
        let read: Rows<RepositoryTotals> = try rows(ListRepositoryTotals(), #"{"success":true,"stats":[\#(row)]}"#)
        let totals = try #require(read.rows.first)
        #expect(totals.repositoryID == "r1" && totals.uploadBytes == 9_007_199_254_740_993)
        #expect(totals.downloadBytes == 0 && totals.sizeChangeBytes == -5)
        #expect(read.malformedFields == 0)
    }

    @Test func invalidTotalsAreCounted() throws {
        let read: Rows<RepositoryTotals> = try rows(
            ListRepositoryTotals(),
            #"[{"repoId":"r1","totalUploadBytes":"-1","totalDownloadBytes":"many"},{"totalUploadBytes":"1"}]"#)
        #expect(read.rows.first?.uploadBytes == nil && read.rows.first?.downloadBytes == nil)
        #expect(read.malformedRows == 1 && read.malformedFields == 1 && read.outOfRangeFields == 1)
    }
}
