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

/// Why the body of an answer with a 2xx status could not be used.
package enum UnreadableAnswer: Error, Sendable, Hashable {
    case empty
    /// Not JSON, or cut off.
    case notJSON
    /// JSON, but without the list that was asked for.
    case missingList(name: String)
    /// A list that has rows, none of which could be read.
    case unreadableRows(name: String)
    /// A list with more rows than there can be.
    case tooManyRows(name: String, limit: Int)
    /// A 200 whose body says `success: false`.
    case unsuccessful(ErrorEnvelope)
}

/// What the API says of a failure. Its endpoints do so in several shapes, whose fields are all looked for:
/// `{success, message}`, `{success, error_code[, message]}`, `{success, message, error}`, `{success, error_code, error_message}`
/// and `{success, message, errorCode, errorMessage}`.
package struct ErrorEnvelope: Sendable, Hashable {
    package let success: Bool?
    /// For people.
    package let message: String?
    /// For programs, such as `NO_AUTH_USER`.
    package let code: String?

    init(_ object: RowFields) {
        var fields = object
        success = fields.boolean(.success)
        message = fields.string(.message, .error_message, .errorMessage, .error)
        code = fields.string(.error_code, .errorCode)
    }

    /// Reads the body of an answer whose status is not 2xx; nil when it is not such an object, as with a proxy's HTML page.
    package init?(body: [UInt8]) {
        guard let object = RowFields(body: body) else { return nil }
        self.init(object)
    }

    /// Code and message together, as far as they are there.
    package var text: String? {
        switch (code, message) {
        case (let code?, let message?): "\(code): \(message)"
        case (let text?, nil), (nil, let text?): text
        case (nil, nil): nil
        }
    }
}
