/// A whole JSON document, for examining more than the decoded fields. Used only for answers that are examined once: it takes several times
/// their memory.
indirect enum JSONTree {
    case object([(name: String, value: JSONTree)])
    case array([JSONTree])
    case string(String)
    case number(String)
    case boolean
    case null
    /// A container below the deepest level, or a string that cannot be decoded.
    case other

    private static let deepestLevel = 16

    /// - Returns: nil when the document is not JSON.
    init?(_ document: [UInt8]) {
        guard JSONScanner.isDocument(document) else { return nil }
        var bytes = JSONBytes(document)
        bytes.skipByteOrderMark()
        guard let tree = try? Self(&bytes, level: 0) else { return nil }
        self = tree
    }

    private init(_ bytes: inout JSONBytes, level: Int) throws(JSONSyntaxError) {
        let token = try bytes.nextToken()
        let start = bytes.position
        let isContainer = token == JSONBytes.openingBrace || token == JSONBytes.openingBracket
        if isContainer, level >= Self.deepestLevel {
            bytes.position = try JSONScanner.end(ofValueAt: start, in: bytes.all).position
            self = .other
        } else if token == JSONBytes.openingBrace {
            self = .object(try Self.members(&bytes, level: level))
        } else if token == JSONBytes.openingBracket {
            self = .array(try Self.elements(&bytes, level: level))
        } else {
            let kind = try bytes.passScalar()
            let text = bytes.all[start..<bytes.position]
            switch kind {
            case .plainString: self = .string(JSONText(text.dropFirst().dropLast()).string)
            case .escapedString:
                self = JSONText(unescaping: text.dropFirst().dropLast()).map { .string($0.string) } ?? .other
            case .number: self = .number(String(decoding: text, as: UTF8.self))
            case .true, .false: self = .boolean
            default: self = .null
            }
        }
    }

    private static func members(
        _ bytes: inout JSONBytes, level: Int
    ) throws(JSONSyntaxError) -> [(name: String, value: JSONTree)] {
        var members: [(name: String, value: JSONTree)] = []
        bytes.position += 1
        if try bytes.take(JSONBytes.closingBrace) { return members }
        repeat {
            let (range, isPlain) = try bytes.passName()
            let text = isPlain ? JSONText(bytes.all[range]) : JSONText(unescaping: bytes.all[range])
            let value = try JSONTree(&bytes, level: level + 1)
            if let text { members.append((text.string, value)) }
        } while try bytes.takeComma(before: JSONBytes.closingBrace)
        return members
    }

    private static func elements(_ bytes: inout JSONBytes, level: Int) throws(JSONSyntaxError) -> [JSONTree] {
        var elements: [JSONTree] = []
        bytes.position += 1
        if try bytes.take(JSONBytes.closingBracket) { return elements }
        repeat {
            elements.append(try JSONTree(&bytes, level: level + 1))
        } while try bytes.takeComma(before: JSONBytes.closingBracket)
        return elements
    }

    /// The kind of the value, for reports.
    var kind: String {
        switch self {
        case .object: "object"
        case .array: "list"
        case .string(let text):
            // In a recording, the values of unknown fields are strings that state their type.
            ["object", "array", "number"].first { text.hasPrefix("<\($0) of ") }.map { $0 == "array" ? "list" : $0 }
                ?? (text == "<boolean>" ? "boolean" : "string")
        case .number: "number"
        case .boolean: "boolean"
        case .null: "null"
        case .other: "unreadable"
        }
    }

    /// The first member with a name; nil when there is none, or when this is not an object.
    subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// A number, or the number in a string.
    var decimal: Double? {
        switch self {
        case .number(let text), .string(let text): HarmlessText.isNumber(text) ? Double(text) : nil
        default: nil
        }
    }
}
