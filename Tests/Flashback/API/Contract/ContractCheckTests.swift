import FlashbackAPI
import FlashbackRecording
import Foundation
import Testing

@Suite struct ContractCheckTests {
    private func check(_ body: String, from path: String = "/bucket", query: String = "", status: Int = 200) -> ContractCheck {
        let check = ContractCheck()
        check.examine(
            Recording(
                exporterVersion: "1", began: Date(),
                exchanges: [
                    RecordedExchange(
                        method: "GET", template: nil, path: path, query: query, status: status, body: Array(body.utf8))
                ]))
        return check
    }

    private static let row = #"""
        {"id":"a","name":"b","storageType":"S3","bucket":"c","key":"k","status":"ONLINE","workspaceId":"w",
        "createdAt":"2024-01-15T10:30:00.000Z"}
        """#

    @Test(arguments: [("0", 1), (String(Int.max), 0)])
    func shortPageIsANoteUnlessItIsTheLast(_ offset: String, _ notes: Int) {
        let check = check(
            #"{"success":true,"entities":[{}],"meta":{"totalEntities":5}}"#, from: "/v2/stats/storage/breakdown/nodes",
            query: "limit=100&offset=\(offset)")
        #expect(check.lines.count { $0.contains("1 rows on a page of 100, although there are more") } == notes, "\(check.lines)")
    }

    @Test func unknownWordIsAProblem() {
        let check = check("[\(Self.row.replacing("ONLINE", with: "SLEEPING"))]", from: "/bucket/available")
        #expect(check.hasProblems)
        #expect(check.lines.first == "problem: GET /bucket/available: buckets.status: unknown word SLEEPING (1 times)")
    }

    @Test func newFieldIsANoteWithACount() {
        let row = Self.row.replacing(#""id":"#, with: #""colour":"blue","id":"#)
        let check = check("[\(row),\(row)]", from: "/bucket/available")
        #expect(!check.hasProblems)
        #expect(check.lines.first == "note: GET /bucket/available: buckets: new field colour (string) (2 times)")
    }

    @Test func identifiersAsNamesAndWordsAreNotShown() {
        let row = Self.row.replacing(#""id":"#, with: #""secret-7":"x","id":"#).replacing("ONLINE", with: "line 1\\nline 2")
        let lines = check("[\(row)]", from: "/bucket/available").lines
        #expect(!lines.joined().contains("secret") && !lines.joined().contains("line 1"))
        #expect(lines.contains { $0.contains("new field with a name of 8 bytes") })
        #expect(lines.contains { $0.contains("unknown word of ") })
    }

    @Test func unreadableTypesAndResponsesAreProblems() {
        #expect(
            check("[\(Self.row.replacing(#""a""#, with: "7"))]", from: "/bucket/available").lines.contains {
                $0 == "problem: GET /bucket/available: buckets.id: number instead of string (1 times)"
            })
        #expect(check("<html>").lines.first == "problem: GET /bucket: not JSON (1 times)")
        #expect(check(#"{"success":true}"#).lines.contains("problem: GET /bucket: buckets: missing everywhere (1 times)"))
        #expect(check("7").hasProblems)
    }

    @Test func otherPathsAreIgnored() {
        #expect(check("{}", from: "/elsewhere").lines == ["contract: 0 responses examined, no differences"])
    }
}
