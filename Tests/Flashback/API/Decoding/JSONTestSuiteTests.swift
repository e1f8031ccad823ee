import Basics
import FlashbackAPI
import Foundation
import Testing

/// The documents of JSONTestSuite, each as an answer and as every kind of field.
@Suite struct JSONTestSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let document: [UInt8]

        var testDescription: String { name }
        var mustBeTaken: Bool { name.hasPrefix("y_") }
        var mustBeRefused: Bool { name.hasPrefix("n_") }

        /// The document; if it is a list of one value, also that value, even if it is malformed.
        var values: [[UInt8]] {
            let text = document.drop { " \n".utf8.contains($0) }
            let end = text.lastIndex { !" \n".utf8.contains($0) }
            guard let end, text.first == UInt8(ascii: "["), text[end] == UInt8(ascii: "]"), text.startIndex < end else {
                return [document]
            }
            return [document, Array(text[(text.startIndex + 1)..<end])]
        }
    }

    /// A row that reads one field in every possible way.
    private struct EveryKind: Row {
        var values = 0
        let fields: Int

        init?(fields: inout RowFields) {
            guard fields.identifier(.id) != nil else { return nil }
            if fields.identifier(.workspaceId) != nil { values += 1 }
            if fields.label(.name) != nil { values += 1 }
            if fields.string(.message) != nil { values += 1 }
            if fields.integer(.totalCount) != nil { values += 1 }
            if fields.number(.latency_ms) != nil { values += 1 }
            if fields.date(.createdAt) != nil { values += 1 }
            self.fields = fields.malformed + fields.outOfRange
        }
    }

    private static let names = ["workspaceId", "name", "message", "totalCount", "latency_ms", "createdAt"]

    private static let cases: [Case] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "JSONTestSuite.txt")
        let lines = (try? Data(contentsOf: file))?.split(separator: UInt8(ascii: "\n")) ?? []
        return lines.filter { $0.first != UInt8(ascii: "#") }.map { line in
            let name = line.prefix { $0 != UInt8(ascii: " ") }
            return Case(name: String(decoding: name, as: UTF8.self), document: bytes(line.dropFirst(name.count + 1)))
        }
    }()

    private static func bytes(_ text: Data) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        func take(until end: Unicode.Scalar) -> Data {
            defer { rest = rest.drop { $0 != UInt8(ascii: end) }.dropFirst() }
            return rest.prefix { $0 != UInt8(ascii: end) }
        }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "x"):
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "*"):
                let count = Int(String(decoding: take(until: "{"), as: UTF8.self)) ?? 0
                bytes += Array(repeating: take(until: "}"), count: count).joined()
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// The result of an answer: its rows and counts; nil if it is refused.
    private func read(_ body: [UInt8]) -> (values: Int, counted: Int)? {
        guard let rows: Rows<EveryKind> = try? AnswerBody(body).rows(under: [.buckets]) else { return nil }
        let counted = rows.malformedRows + rows.malformedFields + rows.outOfRangeFields
        return (rows.rows.reduce(0) { $0 + $1.values }, counted)
    }

    @Test func suiteIsComplete() {
        #expect(Self.cases.count == 318)
        #expect(Self.cases.count { $0.mustBeTaken } == 95)
        #expect(Self.cases.count { $0.mustBeRefused } == 188)
        #expect(Set(Self.cases.map(\.document)).count > 300)
    }

    @Test(arguments: cases) func verdictsAsAnswer(_ suite: Case) {
        let isRefused: Bool
        do throws(UnreadableAnswer) {
            let rows: Rows<EveryKind> = try AnswerBody(suite.document).rows(under: [.buckets])
            isRefused = rows.malformedRows + rows.malformedFields > 0
        } catch {
            // A valid document without a list of rows is rejected because of the missing list, not as invalid JSON.
            let isTaken =
                switch error {
                case .missingList, .unreadableRows: true
                default: false
                }
            #expect(isTaken || !suite.mustBeTaken, "\(error)")
            isRefused = true
        }
        if suite.mustBeRefused { #expect(isRefused) }
    }

    @Test(arguments: cases) func verdictsAsField(_ suite: Case) {
        for name in Self.names {
            for (index, value) in suite.values.enumerated() {
                let body = Array(#"[{"id":"1","\#(name)":"#.utf8) + value + Array("}]".utf8)
                let read = read(body)
                if suite.mustBeRefused { #expect(read == nil || read!.counted > 0, "\(name)") }
                if suite.mustBeRefused { #expect(read?.values ?? 0 == 0, "\(name)") }
                // A list of two values is not a list without its brackets.
                if suite.mustBeTaken, index == 0 { #expect(read != nil, "\(name)") }
            }
        }
    }

    /// An invalid document is rejected even if none of its fields is decoded.
    @Test(arguments: cases) func verdictsAsSkippedField(_ suite: Case) {
        let read = read(Array(#"[{"id":"1","unknown":"#.utf8) + suite.document + Array("}]".utf8))
        if suite.mustBeTaken { #expect(read?.counted == 0) }
    }

    /// Valid strings and numbers have the right values.
    @Test(arguments: cases) func validDocumentsAreRead(_ suite: Case) throws {
        guard suite.mustBeTaken, let value = suite.values.dropFirst().first,
            let list = try? JSONSerialization.jsonObject(with: Data(suite.document)) as? [Any], list.count == 1
        else { return }
        for (name, isOfKind) in [("name", list[0] is String), ("latency_ms", list[0] is NSNumber && !(list[0] is Bool))]
        where isOfKind {
            let read = read(Array(#"[{"id":"1","\#(name)":"#.utf8) + value + Array("}]".utf8))
            #expect(read?.values == 1 && read?.counted == 0, "\(name)")
        }
    }
}
