internal import FoundationEssentials

/// The body of an answer, on its way to becoming rows.
package struct AnswerBody: Sendable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The rows of a list, whether the body is the list itself or an object that holds it.
    /// - Parameter names: what the list is called in the object.
    /// - Throws: ``UnreadableAnswer``; also when the object has no list, or none of its rows can be
    ///   read: neither is the same as an empty list.
    package func rows<Element>(under names: [FieldName]) throws(UnreadableAnswer) -> Rows<Element> {
        guard !bytes.isEmpty else { throw .empty }
        let decoder = JSONDecoder()
        decoder.userInfo[.listNames] = names
        let list: RowList<Element>
        do {
            list = try decoder.decode(RowList.self, from: validUnicode)
        } catch {
            throw .notJSON
        }
        switch list.content {
        case .rows(let rows) where rows.rows.isEmpty && rows.malformedRows > 0:
            throw .unreadableRows(name: names.first?.rawValue ?? "")
        case .rows(let rows): return rows
        case .unsuccessful(let envelope): throw .unsuccessful(envelope)
        case .missing: throw .missingList(name: names.first?.rawValue ?? "")
        }
    }

    /// JSON is UTF-8 (RFC 8259 section 8.1). A name with other bytes in it must not cost the list that it stands in, so they
    /// become U+FFFD.
    private var validUnicode: Data {
        String(validating: bytes, as: UTF8.self) == nil ? Data(String(decoding: bytes, as: UTF8.self).utf8) : Data(bytes)
    }
}

/// A bare array, or an object that holds one.
private struct RowList<Element: Row>: Decodable {
    enum Content {
        case rows(Rows<Element>)
        case unsuccessful(ErrorEnvelope)
        case missing
    }

    let content: Content

    init(from decoder: any Decoder) throws {
        guard let object = try? decoder.container(keyedBy: FieldName.self) else {
            content = (try? Rows(from: decoder)).map { .rows($0) } ?? .missing
            return
        }
        if (try? object.decodeIfPresent(Bool.self, forKey: .success)) == false {
            content = .unsuccessful(try ErrorEnvelope(from: decoder))
            return
        }
        let names = decoder.userInfo[.listNames] as? [FieldName] ?? []
        for name in names {
            if let rows = try? object.decode(Rows<Element>.self, forKey: name) {
                content = .rows(rows)
                return
            }
        }
        content = .missing
    }
}

extension CodingUserInfoKey {
    // The initialiser fails for no string; it is only declared so.
    fileprivate static var listNames: CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: "listNames") else { preconditionFailure("every string is a key") }
        return key
    }
}
