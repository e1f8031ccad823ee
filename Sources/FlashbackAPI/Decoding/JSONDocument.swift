internal import FoundationEssentials

/// A JSON document (RFC 8259), of which the values under a ``FieldName`` and the elements of lists can be asked for.
struct JSONDocument: Sendable {
    let bytes: [UInt8]
    /// In the order of the document, each followed by those that are in it. Not empty: the first is the document itself.
    let values: [JSONValue]

    init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes)
        try scanner.scan()
        self.bytes = bytes
        values = scanner.values
    }

    /// The value of a string; nil when it is another kind of value, or has an escape that is none. Bytes that are not UTF-8 become
    /// U+FFFD: a name with such bytes in it must not cost the list that it stands in.
    func string(_ value: JSONValue) -> String? {
        switch value.kind {
        case .plainString: String(decoding: bytes[text(of: value)], as: UTF8.self)
        case .escapedString: JSONText.unescaped(bytes[text(of: value)])
        default: nil
        }
    }

    /// The moment that a string names; nil when it is another kind of value, or names none.
    func date(_ value: JSONValue) -> Date? {
        // Most need not become strings first.
        value.kind == .plainString ? Timestamp.date(bytes[text(of: value)]) : string(value).flatMap { Timestamp.date($0) }
    }

    /// The digits of a number as they stand there; nil when it is another kind of value, or not written as numbers are.
    func number(_ value: JSONValue) -> JSONNumber? {
        value.kind == .number ? JSONNumber(bytes[value.bytes]) : nil
    }

    private func text(of value: JSONValue) -> Range<Int> {
        value.bytes.lowerBound + 1..<value.bytes.upperBound - 1
    }
}

/// Where a value is in a document, and what kind of value it is.
struct JSONValue: Sendable {
    enum Kind: Sendable {
        case object
        /// An object that has a name with an escape that is none, so that nobody can tell what else it has.
        case unreadableObject
        case array
        /// A string without escapes.
        case plainString
        case escapedString
        case number
        case `true`, `false`, null
    }

    let kind: Kind
    /// What it is called in the object that has it; nil for an element of a list.
    let name: FieldName?
    /// Including a string's quotes.
    let bytes: Range<Int>
    /// The index of the value after this one and all that are in it.
    let next: Int
}

/// The bytes are no JSON document, or its beginning only.
struct JSONSyntaxError: Error {}
