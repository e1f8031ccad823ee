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
