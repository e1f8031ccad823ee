/// The body of an answer, on its way to becoming rows.
package struct AnswerBody: Sendable {
    private let bytes: [UInt8]
    private let mostRows: Int

    /// - Parameter mostRows: the most rows that its list may have.
    package init(_ bytes: [UInt8], mostRows: Int = .max) {
        self.bytes = bytes
        self.mostRows = mostRows
    }

    /// The rows of a list, whether the body is the list itself or an object that holds it.
    /// - Parameter names: what the list is called in the object.
    /// - Throws: ``UnreadableAnswer``; also when the object has no list, or none of its rows can be
    ///   read: neither is the same as an empty list.
    package func rows<Element>(under names: [FieldName]) throws(UnreadableAnswer) -> Rows<Element> {
        guard !bytes.isEmpty else { throw .empty }
        let answer: (rows: Rows<Element>?, envelope: JSONObject?)
        do {
            var scanner = JSONScanner(bytes)
            answer = try scanner.answer(under: names, mostRows: mostRows)
        } catch {
            throw .notJSON
        }
        if let envelope = answer.envelope.map(RowFields.init), envelope.boolean(.success) == false {
            throw .unsuccessful(ErrorEnvelope(envelope))
        }
        let name = names.first?.rawValue ?? ""
        guard let rows = answer.rows else { throw .missingList(name: name) }
        if rows.isTooLong { throw .tooManyRows(name: name, limit: mostRows) }
        guard !rows.rows.isEmpty || rows.malformedRows == 0 else { throw .unreadableRows(name: name) }
        return rows
    }
}
