import Basics
import FlashbackAPI
import Foundation
import Testing

/// Objects inside rows and beside lists.
@Suite struct NestedObjectTests {
    /// A row whose fields are in a nested object.
    private struct Parent: Row, Hashable {
        var child: String?
        var number: ExactNumber?

        init?(fields: inout RowFields) {
            child = fields.nested(.usage, .capability) { $0.label(.name) }
            number = fields.exactNumber(.current)
        }
    }

    private func parent(_ row: String) throws -> (row: Parent?, malformed: Int) {
        let rows: Rows<Parent> = try AnswerBody(Array("[\(row)]".utf8)).rows(under: [])
        return (rows.rows.first, rows.malformedFields)
    }

    @Test(arguments: [
        #"{"usage":{"name":"n"}}"#, #"{"usage" : { "x" : [{"name":"other"}], "name" : "n" } }"#, #"{"capability":{"name":"n"}}"#,
        #"{"usage":null,"capability":{"name":"n"}}"#, #"{"usage":{"name":"n","name":"second"},"usage":{"name":"third"}}"#,
        #"{"x":{"name":"other","usage":{"name":"other"}},"us\u0061ge":{"n\u0061me":"n"}}"#,
        #"{"name":"other","usage":{"name":"n"}}"#,
    ])
    func aFieldOfANestedObjectIsRead(_ row: String) throws {
        let (row, malformed) = try parent(row)
        #expect(row?.child == "n" && malformed == 0)
    }

    @Test(arguments: [#"{}"#, #"{"usage":null}"#, #"{"x":{"name":"n"}}"#, #"{"name":"n"}"#])
    func aMissingObjectIsNoFault(_ row: String) throws {
        let (row, malformed) = try parent(row)
        #expect(row?.child == nil && malformed == 0)
    }

    @Test(arguments: [
        (#"{"usage":"n"}"#, 1), (#"{"usage":[{"name":"n"}]}"#, 1), (#"{"usage":7,"capability":{"name":"n"}}"#, 1),
        // The object can be read, but does not contain the required fields.
        (#"{"usage":{}}"#, 1), (#"{"usage":{"name":7}}"#, 2),
        // A name that cannot be decoded could be any name.
        (#"{"usage":{"n\x":1,"name":"n"}}"#, 1),
    ])
    func malformedObjectIsCounted(_ row: String, _ count: Int) throws {
        let (row, malformed) = try parent(row)
        #expect(row?.child == nil && malformed == count)
    }

    @Test func deepNestingInsideAnUnreadFieldIsSkipped() throws {
        let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        #expect(try parent(#"{"usage":{"x":\#(deep),"name":"n"}}"#).row?.child == "n")
    }

    @Test(
        arguments: [
            ("9007199254740993", .integer(9_007_199_254_740_993)), (#""9223372036854775807""#, .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("12.0", .integer(12)), ("7.25", .real(7.25)), (#""7.25""#, .real(7.25)),
            ("9223372036854775808", .real(9_223_372_036_854_775_808)), ("1e300", .real(1e300)), (#""-1e300""#, .real(-1e300)),
            ("0", .integer(0)),
        ] as [(String, ExactNumber)])
    func aNumberKeepsItsDigits(_ text: String, _ number: ExactNumber) throws {
        let (row, malformed) = try parent("{\"current\":\(text)}")
        #expect(row?.number == number && malformed == 0)
    }

    @Test(arguments: ["1e400", "\"\"", "\"nan\"", "\"inf\"", "\"7 GB\"", "true", "{}", "[7]"])
    func malformedNumberIsCounted(_ text: String) throws {
        let (row, malformed) = try parent("{\"current\":\(text)}")
        #expect(row?.number == nil && malformed == 1)
    }

    private func row(_ body: String) throws(UnreadableAnswer) -> Rows<Parent> {
        try AnswerBody(Array(body.utf8)).row(under: [.data])
    }

    @Test func anAnswerMayBeOneObject() throws {
        #expect(try row(#"{"success":true,"data":{"usage":{"name":"n"}}}"#).rows.first?.child == "n")
        #expect(try row(#"{"data":{"usage":{"name":7}}}"#).malformedFields == 2)
    }

    @Test(
        arguments: [
            ("", .empty), ("{\"data\":{}", .notJSON), ("<html>", .notJSON), ("{}", .missingObject(name: "data")),
            ("[]", .missingObject(name: "data")), (#"{"data":[]}"#, .missingObject(name: "data")),
            (#"{"data":null}"#, .missingObject(name: "data")), (#"{"data":{"n\x":1}}"#, .missingObject(name: "data")),
        ] as [(String, UnreadableAnswer)])
    func malformedAnswerIsRefused(_ body: String, _ error: UnreadableAnswer) {
        #expect(throws: error) { try row(body) }
    }

    @Test func anUnsuccessfulAnswerIsNoObject() throws {
        #expect(throws: UnreadableAnswer.unsuccessful) {
            try row(#"{"success":false,"error_code":"X","data":{"usage":{"name":"n"}}}"#)
        }
    }
}
