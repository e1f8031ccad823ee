package import FoundationEssentials

/// The fields of one JSON object, read with forgiveness: what is missing or null is nil, and what is of the wrong kind is nil
/// and counted, so that it costs its own series only.
///
/// Each reader takes the names that one thing goes by and uses the first that is present.
package struct RowFields {
    private typealias Container = KeyedDecodingContainer<FieldName>

    private let container: Container
    /// How many fields were of the wrong kind.
    package private(set) var malformed = 0

    init(_ container: KeyedDecodingContainer<FieldName>) {
        self.container = container
    }

    /// A string that names something, and therefore must not be empty.
    package mutating func identifier(_ names: FieldName...) -> String? {
        read(names) { try $0.decodeIfPresent(String.self, forKey: $1) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    package mutating func string(_ names: FieldName...) -> String? {
        read(names) { try $0.decodeIfPresent(String.self, forKey: $1) }
    }

    /// A 64-bit integer, sent as a number or as a decimal string; read exactly, also past 2^53.
    package mutating func integer(_ names: FieldName...) -> Int64? {
        read(names) { container, name in
            guard let text = try? container.decodeIfPresent(String.self, forKey: name) else {
                return try container.decodeIfPresent(Int64.self, forKey: name)
            }
            guard let number = Int64(text) else { throw WrongKind() }
            return number
        }
    }

    /// A finite number, sent as a number or as a decimal string.
    package mutating func number(_ names: FieldName...) -> Double? {
        read(names) { container, name in
            if let number = try? container.decodeIfPresent(Double.self, forKey: name) { return number }
            guard let text = try container.decodeIfPresent(String.self, forKey: name) else { return nil }
            guard let number = Double(text), number.isFinite else { throw WrongKind() }
            return number
        }
    }

    /// A moment in ISO 8601 with its zone.
    package mutating func date(_ names: FieldName...) -> Date? {
        read(names) { container, name in
            guard let text = try container.decodeIfPresent(String.self, forKey: name) else { return nil }
            return try Self.dateFormat.parse(text)
        }
    }

    private static let dateFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private struct WrongKind: Error {}

    /// - Parameter decode: gives nil when the field is missing or null, and throws when it is of the wrong kind.
    private mutating func read<Value>(_ names: [FieldName], _ decode: (Container, FieldName) throws -> Value?) -> Value? {
        for name in names {
            do {
                if let value = try decode(container, name) { return value }
            } catch {
                malformed += 1
                return nil
            }
        }
        return nil
    }
}
