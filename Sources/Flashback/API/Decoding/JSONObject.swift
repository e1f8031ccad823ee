internal import FoundationEssentials

/// An object of a JSON document (RFC 8259); values are looked up by ``FieldName``.
struct JSONObject: Sendable {
    /// The longest string that is decoded, in bytes: longer than any token, and far longer than any label.
    static let maximumStringBytes = 64 * 1024
    /// The longest number and the longest date that are decoded, in bytes.
    private static let (maximumNumberBytes, maximumDateBytes) = (128 * 1024, 128)

    /// The document that contains the object.
    let bytes: [UInt8]
    /// Each name once; for duplicate names the first field wins.
    let fields: [JSONValue]

    /// The value of a field; nil when it is missing.
    func value(of name: FieldName) -> JSONValue? { fields.first { $0.name == name } }

    /// The text of a string; nil when the value is not a string, is too long or has an invalid escape.
    func text(_ value: JSONValue) -> JSONText? {
        // Every character of a string takes at least one byte, and an escape at most six.
        guard value.bytes.count <= Self.maximumStringBytes else { return nil }
        return switch value.kind {
        case .plainString: JSONText(content(of: value))
        case .escapedString: JSONText(unescaping: content(of: value))
        default: nil
        }
    }

    /// The date in a string; nil when the value is not a string or not a date.
    func date(_ value: JSONValue) -> Date? {
        guard value.bytes.count <= Self.maximumDateBytes else { return nil }
        // Most dates can be parsed without creating a string.
        return value.kind == .plainString
            ? TimestampFormat.date(content(of: value)) : text(value).flatMap { TimestampFormat.date($0.string) }
    }

    /// The object in a value; nil when the value is not an object, or has an undecodable name.
    func object(_ value: JSONValue) -> JSONObject? {
        value.kind == .object ? JSONScanner.object(in: bytes, at: value.bytes.lowerBound) : nil
    }

    /// A number's digits as written; nil when the value is not a valid number.
    func number(_ value: JSONValue) -> JSONNumber? {
        value.kind == .number && value.bytes.count <= Self.maximumNumberBytes ? JSONNumber(bytes[value.bytes]) : nil
    }

    /// A string's bytes without the quotes.
    private func content(of value: JSONValue) -> ArraySlice<UInt8> { bytes[value.bytes].dropFirst().dropLast() }
}

/// The position and kind of a value in a document.
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
    /// The value's name in its object.
    let name: FieldName
    /// Includes a string's quotes.
    let bytes: Range<Int>
}

/// The bytes are not a JSON document, or are truncated.
struct JSONSyntaxError: Error {}
