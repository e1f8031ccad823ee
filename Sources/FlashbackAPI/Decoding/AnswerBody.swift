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
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            throw .notJSON
        }
        guard let rows: Rows<Element> = try list(of: document, under: names) else {
            throw .missingList(name: names.first?.rawValue ?? "")
        }
        guard !rows.rows.isEmpty || rows.malformedRows == 0 else {
            throw .unreadableRows(name: names.first?.rawValue ?? "")
        }
        return rows
    }

    private func list<Element>(
        of document: JSONDocument, under names: [FieldName]
    ) throws(UnreadableAnswer) -> Rows<Element>? {
        guard let object = RowFields(document, at: 0) else { return Rows(document, at: 0) }
        if object.boolean(.success) == false { throw .unsuccessful(ErrorEnvelope(object)) }
        for name in names {
            if let index = object.index(of: name), let rows = Rows<Element>(document, at: index) { return rows }
        }
        return nil
    }
}
