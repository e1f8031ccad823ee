package import FoundationEssentials

/// A number that keeps all digits if it is a 64-bit integer.
package enum ExactNumber: Sendable, Hashable {
    case integer(Int64)
    case real(Double)

    /// The nearest double.
    package var double: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .real(let real): real
        }
    }
}

/// Fields of objects inside an object, and kinds of values that only the account's endpoints have.
extension RowFields {
    /// Decodes the object that is the value of a field. Its unreadable fields are counted with those of this object.
    ///
    /// The nested object is scanned a second time, and only its decoded fields are kept.
    /// - Parameter decode: returns nil for an object that cannot be used, which is counted as a field of the wrong kind.
    package mutating func nested<Value>(_ names: FieldName..., decode: (inout RowFields) -> Value?) -> Value? {
        guard var fields = read(names, { object, value in object.object(value).map(RowFields.init) }) else { return nil }
        let value = decode(&fields)
        malformed += fields.malformed + (value == nil ? 1 : 0)
        outOfRange += fields.outOfRange
        return value
    }

    /// A finite number, sent as a number or as a decimal string. 64-bit integers are decoded exactly, also beyond 2^53.
    /// - Parameter range: the valid range; nil for any value.
    package mutating func exactNumber(_ names: FieldName..., in range: PartialRangeFrom<Double>? = nil) -> ExactNumber? {
        let number = read(names) { object, value -> ExactNumber? in
            if value.kind == .number {
                guard let number = object.number(value) else { return nil }
                return number.integer.map(ExactNumber.integer) ?? number.double.map(ExactNumber.real)
            }
            guard let text = object.text(value)?.string else { return nil }
            if let integer = Int64(text) { return .integer(integer) }
            guard let real = Double(text), real.isFinite else { return nil }
            return .real(real)
        }
        return number.flatMap { number in isInRange(range?.contains(number.double) ?? true) ? number : nil }
    }

    /// An ISO 8601 date and time with a time zone, or a date alone (`2024-01-15`), which is its midnight in UTC.
    package mutating func dateOrDay(_ names: FieldName...) -> Date? {
        let date = read(names) { object, value in
            object.date(value) ?? object.text(value).flatMap { TimestampFormat.date($0.string + "T00:00:00Z") }
        }
        return date.flatMap { isInRange(Self.dates.contains($0)) ? $0 : nil }
    }

    /// The rows of a list inside the row; nil also when it has more rows than the maximum.
    mutating func rows<Element: Row>(_ names: FieldName..., maximum: Int) -> [Element]? {
        let nested: Rows<Element>? = read(names) { object, value in
            guard value.kind == .array else { return nil }
            var scanner = JSONScanner(Array(object.bytes[value.bytes]))
            let rows: Rows<Element>? = try? scanner.answer(under: [], maximumRows: maximum).rows
            return rows.flatMap { $0.isTooLong ? nil : $0 }
        }
        guard let nested else { return nil }
        malformed += nested.malformedRows + nested.malformedFields
        outOfRange += nested.outOfRangeFields
        return nested.rows
    }

    /// A boolean; anything else is counted.
    mutating func flag(_ names: FieldName...) -> Bool? {
        read(names) { _, value in
            switch value.kind {
            case .true: true
            case .false: false
            default: nil
            }
        }
    }
}
