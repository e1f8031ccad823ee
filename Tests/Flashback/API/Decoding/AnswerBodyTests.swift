import Basics
import FlashbackAPI
import Testing

/// Malformed and unexpected bodies.
@Suite struct AnswerBodyTests {
    private func failure(_ body: [UInt8]) -> UnreadableAnswer? {
        do throws(UnreadableAnswer) {
            _ = try ListBuckets().answer(from: AnswerBody(body))
            return nil
        } catch {
            return error
        }
    }

    private func failure(_ body: String) -> UnreadableAnswer? { failure(Array(body.utf8)) }

    @Test func emptyBodyIsAnError() {
        #expect(failure("") == .empty)
    }

    @Test(arguments: [
        " ", "\n", "<html>502 Bad Gateway</html>", "{", "[", "[{\"id\":\"1\"}",
        "{\"success\":true,\"buckets\":[{\"id\":\"1\",\"name\":\"ph",
        "{\"buckets\":[{\"id\":\"1\"}]", "nonsense", "[{\"id\":\"1\"}]]", "[{\"id\":\"1\"}] x", "\0", "{'buckets':[]}",
    ])
    func invalidJSONIsAnError(_ body: String) {
        #expect(failure(body) == .notJSON)
    }

    @Test(arguments: [
        "{}", "{\"success\":true}", "{\"buckets\":null}", "{\"buckets\":{}}", "{\"buckets\":\"none\"}", "{\"stats\":[]}", "null",
        "1", "\"x\"",
        "true",
    ])
    func missingListIsAnError(_ body: String) {
        #expect(failure(body) == .missingList(name: "buckets"))
    }

    @Test(arguments: ["[1]", "[{}]", "{\"buckets\":[{\"id\":7},null]}"])
    func listWithoutReadableRowsIsAnError(_ body: String) {
        #expect(failure(body) == .unreadableRows(name: "buckets"))
    }

    @Test func successFalseIsAFailure() {
        #expect(failure(#"{"success":false,"message":"no","buckets":[]}"#) == .unsuccessful)
        #expect(failure(#"{"success":"false","buckets":[]}"#) == nil)
    }

    @Test func everyTruncationIsAnError() {
        let body = Array(#"{"success":true,"buckets":[{"id":"1","name":"Ü\u00e9\"","status":"ONLINE"},{"id":"2"}]}"#.utf8)
        for length in 1..<body.count { #expect(failure(Array(body[..<length])) != nil, "\(length) bytes") }
        #expect(failure(body) == nil)
    }

    @Test func invalidUTF8KeepsTheList() throws {
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F], [0xC0, 0x80]] {
            let body = Array("[{\"id\":\"1\",\"name\":\"a".utf8) + bytes + Array("b\"},{\"id\":\"2\",\"name\":\"é\"}]".utf8)
            let read: Rows<Bucket> = try rows(ListBuckets(), body)
            #expect(read.rows.map(\.id) == ["1", "2"])
            #expect(read.rows[0].name?.contains("\u{FFFD}") == true)
            #expect(read.rows[1].name == "é")
        }
    }

    @Test(arguments: [#"\ud800"#, #"\udc00"#, #"a\ud83dz"#, #"\ud83d\ud83d"#, #"\udE00\uD83D"#, #"\uD83D\n"#])
    func loneSurrogateKeepsTheList(_ escape: String) throws {
        let read: Rows<Bucket> = try rows(
            ListBuckets(), "[{\"id\":\"1\",\"name\":\"\(escape)\",\"region\":\"r\"},{\"id\":\"2\",\"name\":\"\\ud83d\\ude00\"}]")
        #expect(read.rows.map(\.id) == ["1", "2"])
        #expect(read.rows.first?.region == "r")
        #expect(read.rows.last?.name == "😀")
    }

    @Test func escapedBackslashesAreNotSurrogates() throws {
        let read: Rows<Bucket> = try rows(ListBuckets(), #"[{"id":"1","name":"\\ud800"},{"id":"2","name":"\\\\\\ud800x"}]"#)
        #expect(read.rows.map(\.name) == [#"\ud800"#, #"\\\ud800x"#])
    }

    @Test func deepDocumentDoesNotCrash() {
        let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(failure("[{\"id\":\"1\",\"name\":\(deep)}]") != .empty)
        #expect(failure(deep) != nil)
    }

    @Test func duplicateNameDoesNotCrash() throws {
        let read: Rows<Bucket> = try rows(ListBuckets(), #"[{"id":"1","id":"1","name":"a","name":"a"}]"#)
        #expect(read.rows.map(\.id) == ["1"])
    }
}
