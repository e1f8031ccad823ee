package import Basics
package import FoundationEssentials

/// The fields of one JSON object, decoded leniently. A missing or null field is nil; a field of the wrong kind or out of range is
/// nil and counted, so that only its own series is lost.
///
/// Each reader takes all names of a field and uses the first that is present.
package struct RowFields {
    /// The longest identifier, in bytes; real identifiers, addresses and host names are far shorter. An identifier becomes part
    /// of request paths and a label of every series.
    private static let maximumIdentifierBytes = 512
    /// The longest label text, in bytes: about the longest URL that is accepted everywhere on the web.
    private static let maximumLabelBytes = 2048
    /// From 1970 to the end of year 9999, the last that RFC 3339 can represent.
    static let dates =
        Date(timeIntervalSince1970: 0)...Date(timeIntervalSince1970: 253_402_300_799.999)

    /// The range of a probe's duration, in milliseconds: nothing in a day's statistics can take longer than a day.
    static let probeMilliseconds = 0.0...86_400_000
    /// Percentages. Sums may exceed the range by a rounding error.
    static let percentages = -0.000_001...100.000_001

    let object: JSONObject
    /// How many fields were of the wrong kind.
    package internal(set) var malformed = 0
    /// How many fields had an impossible value.
    package internal(set) var outOfRange = 0

    init(_ object: JSONObject) {
        self.object = object
    }

    /// The object that is the whole document; fails when it is not an object, or has an undecodable name.
    init?(body: [UInt8]) {
        var scanner = JSONScanner(body)
        guard let object = try? scanner.object() else { return nil }
        self.init(object)
    }

    /// A string that identifies something. It must not be empty or repaired, since a repaired one could identify something else.
    package mutating func identifier(_ names: FieldName...) -> Identifier? {
        let text = read(names) { object, value in object.text(value).flatMap { $0.isRepaired ? nil : $0.string } }
        return text.flatMap { isInRange($0.utf8.count <= Self.maximumIdentifierBytes) && !$0.isEmpty ? Identifier($0) : nil }
    }

    /// An identifier that may also be sent as an integer.
    package mutating func identifier(orIntegerIn names: FieldName...) -> Identifier? {
        let text = read(names) { object, value in
            value.kind == .number
                ? object.number(value)?.integer.map { "\($0)" }
                : object.text(value).flatMap { $0.isRepaired ? nil : $0.string }
        }
        return text.flatMap { isInRange($0.utf8.count <= Self.maximumIdentifierBytes) && !$0.isEmpty ? Identifier($0) : nil }
    }

    /// The identifier of a bridge node: the field `ip`, or `nodeId` in statistics, where the API documents no address.
    package mutating func nodeIdentifier() -> Identifier? {
        identifier(.ip) ?? identifier(orIntegerIn: .nodeId)
    }

    /// A string that becomes a label.
    package mutating func label(_ names: FieldName...) -> String? {
        let text = read(names) { object, value in object.text(value)?.string }
        return text.flatMap { isInRange($0.utf8.count <= Self.maximumLabelBytes) ? $0 : nil }
    }

    /// A string of at most 64 KiB.
    package mutating func string(_ names: FieldName...) -> String? {
        read(names) { object, value in object.text(value)?.string }
    }

    /// A 64-bit integer, sent as a number or as a decimal string; decoded exactly, also beyond 2^53.
    /// - Parameter range: the valid range.
    package mutating func integer(_ names: FieldName..., in range: ClosedRange<Int64> = .min ... .max) -> Int64? {
        let integer = read(names) { object, value in
            value.kind == .number ? object.number(value)?.integer : object.text(value).flatMap { Int64($0.string) }
        }
        return integer.flatMap { isInRange(range.contains($0)) ? $0 : nil }
    }

    /// A finite number, sent as a number or as a decimal string.
    /// - Parameter range: the valid range; nil for any value.
    package mutating func number(_ names: FieldName..., in range: ClosedRange<Double>? = nil) -> Double? {
        let number = read(names) { object, value -> Double? in
            if value.kind == .number { return object.number(value)?.double }
            guard let number = object.text(value).flatMap({ Double($0.string) }), number.isFinite else { return nil }
            return number
        }
        return number.flatMap { number in isInRange(range?.contains(number) ?? true) ? number : nil }
    }

    /// An ISO 8601 date and time with a time zone.
    package mutating func date(_ names: FieldName...) -> Date? {
        let date = read(names) { object, value in object.date(value) }
        return date.flatMap { isInRange(Self.dates.contains($0)) ? $0 : nil }
    }

    /// A boolean; anything else is nil and not counted.
    func boolean(_ name: FieldName) -> Bool? {
        switch object.value(of: name)?.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// Counts a value that is out of range.
    mutating func isInRange(_ isInRange: Bool) -> Bool {
        if !isInRange { outOfRange += 1 }
        return isInRange
    }

    /// - Parameter convert: returns nil when a non-null value is of the wrong kind.
    mutating func read<Value>(_ names: [FieldName], _ convert: (JSONObject, JSONValue) -> Value?) -> Value? {
        for name in names {
            guard let value = object.value(of: name), value.kind != .null else { continue }
            let converted = convert(object, value)
            if converted == nil { malformed += 1 }
            return converted
        }
        return nil
    }
}
