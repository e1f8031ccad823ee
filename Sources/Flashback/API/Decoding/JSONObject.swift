internal import FoundationEssentials

/// An object of a JSON document (RFC 8259), of which the values under a ``FieldName`` can be asked for.
struct JSONObject: Sendable {
    /// The longest string that is made of a value, in bytes: longer than any token, and than any label by far.
    static let longestString = 64 * 1024
    /// The longest number and the longest date that are looked at, in bytes.
    private static let (longestNumber, longestDate) = (128 * 1024, 128)

    /// The document that the object is part of.
    let bytes: [UInt8]
    /// Each name once: of two fields with the same name, the first counts.
    let fields: [JSONValue]

    /// The value of a field; nil where there is none.
    func value(of name: FieldName) -> JSONValue? { fields.first { $0.name == name } }

    /// The text of a string; nil when it is another kind of value, is too long or has an escape that is none.
    func text(_ value: JSONValue) -> JSONText? {
        // Every character of a string has one byte at least, and an escape makes one of no more than six.
        guard value.bytes.count <= Self.longestString else { return nil }
        return switch value.kind {
        case .plainString: JSONText(content(of: value))
        case .escapedString: JSONText(unescaping: content(of: value))
        default: nil
        }
    }

    /// The moment that a string names; nil when it is another kind of value, or names none.
    func date(_ value: JSONValue) -> Date? {
        guard value.bytes.count <= Self.longestDate else { return nil }
        // Most need not become strings first.
        return value.kind == .plainString
            ? Timestamp.date(content(of: value)) : text(value).flatMap { Timestamp.date($0.string) }
    }

    /// The digits of a number as they stand there; nil when it is another kind of value, or not written as numbers are.
    func number(_ value: JSONValue) -> JSONNumber? {
        value.kind == .number && value.bytes.count <= Self.longestNumber ? JSONNumber(bytes[value.bytes]) : nil
    }

    /// A string without its quotes.
    private func content(of value: JSONValue) -> ArraySlice<UInt8> { bytes[value.bytes].dropFirst().dropLast() }
}

/// Where a value is in a document, and what kind of value it is.
struct JSONValue: Sendable {
    enum Kind: Sendable {
        case object, array
        /// A string without escapes.
        case plainString
        case escapedString
        case number
        case `true`, `false`, null
    }

    let kind: Kind
    /// What it is called in the object that has it.
    let name: FieldName
    /// Including a string's quotes.
    let bytes: Range<Int>
}

/// The bytes are no JSON document, or its beginning only.
struct JSONSyntaxError: Error {}
