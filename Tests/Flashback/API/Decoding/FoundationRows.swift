import Basics
import FlashbackAPI
import Foundation

/// A row that reads a field in every possible way, including from a nested object and a list.
struct ProbedRow: Row, Equatable {
    var id: String
    var name: String?
    var total: Int64?
    var latency: Double?
    var createdAt: Date?
    var malformed = 0

    init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id, .bucketId) else { return nil }
        self.id = id.text
        name = fields.string(.name, .bucket)
        total = fields.integer(.totalCount, .requests)
        latency = fields.number(.latency_ms, .latencyMs)
        createdAt = fields.date(.createdAt, .lastUpdated)
        malformed = fields.malformed
    }

    fileprivate init?(_ object: FoundationObject) {
        var object = object
        guard let id = object.identifier("id", "bucketId") else { return nil }
        self.id = id
        name = object.string("name", "bucket")
        total = object.integer("totalCount", "requests")
        latency = object.number("latency_ms", "latencyMs")
        createdAt = object.date("createdAt", "lastUpdated")
        malformed = object.malformed
    }
}

/// The content of a body as read by one of two decoders.
enum Reading: Equatable {
    case rows([ProbedRow], malformedRows: Int, malformedFields: Int)
    case failure(UnreadableAnswer)

    /// Read by the exporter's own decoder.
    init(_ body: [UInt8]) {
        do throws(UnreadableAnswer) {
            let rows: Rows<ProbedRow> = try AnswerBody(body).rows(under: [.buckets, .data])
            self = .rows(rows.rows, malformedRows: rows.malformedRows, malformedFields: rows.malformedFields)
        } catch {
            self = .failure(Self.simplified(error))
        }
    }

    /// Read by Foundation's decoder.
    init(byFoundation body: [UInt8]) {
        guard !body.isEmpty else {
            self = .failure(.empty)
            return
        }
        let text = Data(String(decoding: body, as: UTF8.self).utf8)
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey.isRepaired { decoder.userInfo[key] = !text.elementsEqual(body) }
        guard let list = try? decoder.decode(FoundationList.self, from: text) else {
            self = .failure(.notJSON)
            return
        }
        self = list.reading
    }

    var isNoJSON: Bool { self == .failure(.notJSON) }

    private static func simplified(_ error: UnreadableAnswer) -> UnreadableAnswer {
        error == .unsuccessful ? .empty : error
    }
}

extension CodingUserInfoKey {
    /// Whether the body had bytes that are not UTF-8.
    fileprivate static let isRepaired = CodingUserInfoKey(rawValue: "isRepaired")
}

private struct AnyName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Reads a list with `JSONDecoder`, which also ignores unknown fields.
private struct FoundationList: Decodable {
    let reading: Reading

    init(from decoder: any Decoder) throws {
        guard let object = try? decoder.container(keyedBy: AnyName.self) else {
            reading = (try? FoundationRows(from: decoder))?.reading ?? .failure(.missingList(name: "buckets"))
            return
        }
        if (try? object.decodeIfPresent(Bool.self, forKey: AnyName(stringValue: "success"))) == false {
            reading = .failure(.empty)
            return
        }
        for name in ["buckets", "data"] {
            if let rows = try? object.decode(FoundationRows.self, forKey: AnyName(stringValue: name)) {
                reading = rows.reading
                return
            }
        }
        reading = .failure(.missingList(name: "buckets"))
    }
}

private struct FoundationRows: Decodable {
    let reading: Reading

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        let isRepaired = CodingUserInfoKey.isRepaired.flatMap { decoder.userInfo[$0] as? Bool } ?? false
        var rows: [ProbedRow] = []
        var malformedRows = 0
        var malformedFields = 0
        while !list.isAtEnd {
            guard let container = try? list.nestedContainer(keyedBy: AnyName.self) else {
                _ = try list.decode(Anything.self)
                malformedRows += 1
                continue
            }
            let object = FoundationObject(container: container, isRepaired: isRepaired)
            if let row = ProbedRow(object) {
                rows.append(row)
                malformedFields += row.malformed
            } else {
                malformedRows += 1
                var identity = object
                _ = identity.identifier("id", "bucketId")
                malformedFields += identity.malformed
            }
        }
        reading =
            rows.isEmpty && malformedRows > 0
            ? .failure(.unreadableRows(name: "buckets"))
            : .rows(rows, malformedRows: malformedRows, malformedFields: malformedFields)
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

private struct FoundationObject {
    let container: KeyedDecodingContainer<AnyName>
    let isRepaired: Bool
    var malformed = 0

    mutating func identifier(_ names: String...) -> String? {
        read(names) { [isRepaired] container, name in
            let text = try container.decodeIfPresent(String.self, forKey: name)
            // A repaired text could identify something else.
            if isRepaired, text?.unicodeScalars.contains("\u{FFFD}") == true { throw WrongKind() }
            return text
        }.flatMap { $0.isEmpty ? nil : $0 }
    }

    mutating func string(_ names: String...) -> String? {
        read(names) { try $0.decodeIfPresent(String.self, forKey: $1) }
    }

    mutating func integer(_ names: String...) -> Int64? {
        read(names) { container, name in
            guard let text = try? container.decodeIfPresent(String.self, forKey: name) else {
                return try container.decodeIfPresent(Int64.self, forKey: name)
            }
            guard let number = Int64(text) else { throw WrongKind() }
            return number
        }
    }

    mutating func number(_ names: String...) -> Double? {
        read(names) { container, name in
            if let number = try? container.decodeIfPresent(Double.self, forKey: name) { return number }
            guard let text = try container.decodeIfPresent(String.self, forKey: name) else { return nil }
            guard let number = Double(text), number.isFinite else { throw WrongKind() }
            return number
        }
    }

    mutating func date(_ names: String...) -> Date? {
        let date = read(names) { container, name -> Date? in
            guard let text = try container.decodeIfPresent(String.self, forKey: name) else { return nil }
            return try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        }
        return date.flatMap { (0..<253_402_300_800).contains($0.timeIntervalSince1970) ? $0 : nil }
    }

    private struct WrongKind: Error {}

    private mutating func read<Value>(
        _ names: [String], _ decode: (KeyedDecodingContainer<AnyName>, AnyName) throws -> Value?
    ) -> Value? {
        for name in names {
            do {
                if let value = try decode(container, AnyName(stringValue: name)) { return value }
            } catch {
                malformed += 1
                return nil
            }
        }
        return nil
    }
}
