package import FoundationEssentials

/// The fields of one JSON object, read with forgiveness: what is missing or null is nil, and what is of the wrong kind is nil
/// and counted, so that it costs its own series only.
///
/// Each reader takes the names that one thing goes by and uses the first that is present.
package struct RowFields {
    private let document: JSONDocument
    /// The index of the object, and that of the value after it.
    private let object: Range<Int>
    /// How many fields were of the wrong kind.
    package private(set) var malformed = 0

    /// Fails when the value is no object whose names can all be read.
    /// - Parameter index: that of a value of the document.
    init?(_ document: JSONDocument, at index: Int) {
        let value = document.values[index]
        guard value.kind == .object else { return nil }
        self.document = document
        object = index..<value.next
    }

    /// The object that is the whole document.
    init?(body: [UInt8]) {
        guard let document = try? JSONDocument(body) else { return nil }
        self.init(document, at: 0)
    }

    /// A string that names something, and therefore must not be empty.
    package mutating func identifier(_ names: FieldName...) -> String? {
        read(names) { $0.string($1) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    package mutating func string(_ names: FieldName...) -> String? {
        read(names) { $0.string($1) }
    }

    /// A 64-bit integer, sent as a number or as a decimal string; read exactly, also past 2^53.
    package mutating func integer(_ names: FieldName...) -> Int64? {
        read(names) { document, value in
            value.kind == .number ? document.number(value)?.integer : document.string(value).flatMap { Int64($0) }
        }
    }

    /// A finite number, sent as a number or as a decimal string.
    package mutating func number(_ names: FieldName...) -> Double? {
        read(names) { document, value in
            if value.kind == .number { return document.number(value)?.double }
            guard let number = document.string(value).flatMap({ Double($0) }), number.isFinite else { return nil }
            return number
        }
    }

    /// A moment in ISO 8601 with its zone.
    package mutating func date(_ names: FieldName...) -> Date? {
        read(names) { $0.date($1) }
    }

    /// True or false; anything else is nil, and not counted.
    func boolean(_ name: FieldName) -> Bool? {
        switch index(of: name).map({ document.values[$0].kind }) {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The index of the value of a field.
    func index(of name: FieldName) -> Int? {
        var index = object.lowerBound + 1
        while index < object.upperBound {
            let value = document.values[index]
            // Of two fields with the same name, the first.
            if value.name == name { return index }
            index = value.next
        }
        return nil
    }

    /// - Parameter convert: gives nil when a value, which is not null, is of the wrong kind.
    private mutating func read<Value>(_ names: [FieldName], _ convert: (JSONDocument, JSONValue) -> Value?) -> Value? {
        for name in names {
            guard let index = index(of: name), document.values[index].kind != .null else { continue }
            let converted = convert(document, document.values[index])
            if converted == nil { malformed += 1 }
            return converted
        }
        return nil
    }
}
