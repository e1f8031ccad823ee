/// Lists and objects inside a row. Each is decoded from a copy of its bytes, which lives only as long as the decoding, and what
/// cannot be read in it is counted like the row's own fields.
extension RowFields {
    /// The rows of a list inside the row; nil also when it has more rows than the maximum.
    mutating func rows<Element: Row>(_ names: FieldName..., most: Int) -> [Element]? {
        let nested: Rows<Element>? = read(names) { object, value in
            guard value.kind == .array else { return nil }
            var scanner = JSONScanner(Array(object.bytes[value.bytes]))
            let rows: Rows<Element>? = try? scanner.answer(under: [], mostRows: most).rows
            return rows.flatMap { $0.isTooLong ? nil : $0 }
        }
        guard let nested else { return nil }
        malformed += nested.malformedRows + nested.malformedFields
        outOfRange += nested.outOfRangeFields
        return nested.rows
    }

    /// What is decoded from the fields of an object inside the row.
    mutating func object<Value>(_ names: FieldName..., decode: (inout RowFields) -> Value?) -> Value? {
        let nested = read(names) { object, value in
            value.kind == .object ? RowFields(body: Array(object.bytes[value.bytes])) : nil
        }
        guard var nested else { return nil }
        let value = decode(&nested)
        malformed += nested.malformed
        outOfRange += nested.outOfRange
        return value
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
