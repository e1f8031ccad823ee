internal import FoundationEssentials

/// What the API says of a failure. Its endpoints do so in several shapes, whose fields are all looked for:
/// `{success, message}`, `{success, error_code[, message]}`, `{success, message, error}`, `{success, error_code, error_message}`
/// and `{success, message, errorCode, errorMessage}`.
package struct ErrorEnvelope: Sendable, Hashable, Decodable {
    package let success: Bool?
    /// For people.
    package let message: String?
    /// For programs, such as `NO_AUTH_USER`.
    package let code: String?

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FieldName.self)
        var fields = RowFields(container)
        success = try? container.decode(Bool.self, forKey: .success)
        message = fields.string(.message, .error_message, .errorMessage, .error)
        code = fields.string(.error_code, .errorCode)
    }

    /// Reads the body of an answer whose status is not 2xx; nil when it is not such an object, as with a proxy's HTML page.
    package init?(body: [UInt8]) {
        guard let envelope = try? JSONDecoder().decode(ErrorEnvelope.self, from: Data(body)) else { return nil }
        self = envelope
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
