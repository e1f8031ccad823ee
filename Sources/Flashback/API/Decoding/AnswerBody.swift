/// A response body, to be decoded into rows.
package struct AnswerBody: Sendable {
    private let bytes: [UInt8]
    private let maximumRows: Int

    /// - Parameter maximumRows: the maximum number of rows in the list.
    package init(_ bytes: [UInt8], maximumRows: Int = .max) {
        self.bytes = bytes
        self.maximumRows = maximumRows
    }

    /// The rows of a list. The body is either the list itself or an object that contains it.
    /// - Parameters:
    ///   - names: the list's possible names in the object.
    ///   - readEnvelope: decodes further fields of the object that contains the list. Unreadable ones are counted with the rows.
    /// - Throws: ``UnreadableAnswer``, also when the object has no list or none of its rows can be read: neither case means an empty list.
    package func rows<Element>(
        under names: [FieldName], besides readEnvelope: (inout RowFields) -> Void = { _ in }
    ) throws(UnreadableAnswer) -> Rows<Element> {
        guard !bytes.isEmpty else { throw .empty }
        let answer: (rows: Rows<Element>?, envelope: JSONObject?)
        do {
            var scanner = JSONScanner(bytes)
            answer = try scanner.answer(under: names, maximumRows: maximumRows)
        } catch {
            throw .notJSON
        }
        try Self.checkSuccess(answer.envelope)
        let name = names.first?.rawValue ?? ""
        guard var rows = answer.rows else { throw .missingList(name: name) }
        if rows.isTooLong { throw .tooManyRows(name: name, limit: maximumRows) }
        guard !rows.rows.isEmpty || rows.malformedRows == 0 else { throw .unreadableRows(name: name) }
        if let envelope = answer.envelope {
            var fields = RowFields(envelope)
            readEnvelope(&fields)
            rows.count(unreadIn: fields)
        }
        return rows
    }

    /// The only row of a body: an object that contains the row under one of the names.
    /// - Throws: ``UnreadableAnswer``, also when the row is missing or cannot be decoded.
    package func row<Element>(under names: [FieldName]) throws(UnreadableAnswer) -> Rows<Element> {
        var rows = Rows<Element>(maximum: 1)
        if let envelope = try object(),
            let value = names.lazy.compactMap(envelope.value(of:)).first(where: { $0.kind == .object })
        {
            rows.append(envelope.object(value))
        }
        guard !rows.rows.isEmpty else { throw .missingObject(name: names.first?.rawValue ?? "") }
        return rows
    }

    /// The fields of a body that must be an object, not a list.
    package func fields() throws(UnreadableAnswer) -> RowFields {
        guard let object = try object() else { throw .notJSON }
        return RowFields(object)
    }

    /// The body's object; nil for another JSON value.
    private func object() throws(UnreadableAnswer) -> JSONObject? {
        guard !bytes.isEmpty else { throw .empty }
        let object: JSONObject?
        do {
            var scanner = JSONScanner(bytes)
            object = try scanner.object()
        } catch {
            throw .notJSON
        }
        try Self.checkSuccess(object)
        return object
    }

    private static func checkSuccess(_ envelope: JSONObject?) throws(UnreadableAnswer) {
        guard let fields = envelope.map(RowFields.init), fields.boolean(.success) == false else { return }
        throw .unsuccessful
    }
}

/// Why the body of a 2xx response could not be used.
package enum UnreadableAnswer: Error, Sendable, Hashable {
    case empty
    /// Not JSON, or truncated.
    case notJSON
    /// JSON without the expected list.
    case missingList(name: String)
    /// JSON without the expected object, or with one that cannot be decoded.
    case missingObject(name: String)
    /// A non-empty list of which no row could be decoded.
    case unreadableRows(name: String)
    /// A list with more rows than the limit.
    case tooManyRows(name: String, limit: Int)
    /// An answer about many buckets without a row about this one.
    case omitsBucket
    /// A 200 whose body says `success: false`; ``ErrorEnvelope`` has the reason.
    case unsuccessful
}

/// The API's description of a failure. Endpoints use several forms, and all of these fields are read: `{success, message}`, `{success,
/// error_code[, message]}`, `{success, message, error}`, `{success, error_code, error_message}` and `{success, message, errorCode,
/// errorMessage}`.
package struct ErrorEnvelope: Sendable, Hashable {
    package let success: Bool?
    /// Human-readable.
    package let message: String?
    /// Machine-readable, such as `NO_AUTH_USER`.
    package let code: String?

    init(_ object: RowFields) {
        var fields = object
        success = fields.boolean(.success)
        message = fields.string(.message, .error_message, .errorMessage, .error)
        code = fields.string(.error_code, .errorCode)
    }

    /// Parses the body of a response whose status is not 2xx; nil when it is not a JSON object, for example a proxy's HTML page.
    package init?(body: [UInt8]) {
        guard let object = RowFields(body: body) else { return nil }
        self.init(object)
    }

    /// Code and message combined; nil when both are missing.
    package var text: String? {
        switch (code, message) {
        case (let code?, let message?): "\(code): \(message)"
        case (let text?, nil), (nil, let text?): text
        case (nil, nil): nil
        }
    }
}
