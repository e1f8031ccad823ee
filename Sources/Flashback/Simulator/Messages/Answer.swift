internal import HTTPServer
internal import HTTPTypes

/// An endpoint's response, before the dialect is applied.
struct Answer {
    enum Content {
        case json(JSONValue)
        case failure(code: String, message: String)
    }

    var status: HTTPResponse.Status
    var content: Content
    var headerFields: HTTPFields = [:]

    static func ok(_ value: JSONValue) -> Answer { Answer(status: .ok, content: .json(value)) }

    static func failure(
        _ status: HTTPResponse.Status, code: String, _ message: String, headerFields: HTTPFields = [:]
    ) -> Answer {
        Answer(status: status, content: .failure(code: code, message: message), headerFields: headerFields)
    }

    static let bucketNotFound = failure(.notFound, code: "NOT_FOUND", "StoredBucket or user not found")
    static let forbidden = failure(.forbidden, code: "FORBIDDEN", "Insufficient permissions")

    func json(_ envelope: ErrorEnvelope) -> JSONValue {
        switch content {
        case .json(let value): value
        case .failure(let code, let message): envelope.body(code: code, message: message)
        }
    }

    func response(_ envelope: ErrorEnvelope) -> ListenerResponse {
        .json(json(envelope), status: status, headerFields: headerFields)
    }
}

extension ListenerResponse {
    static func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:]
    ) -> ListenerResponse {
        var fields = headerFields
        fields[.contentType] = "application/json; charset=utf-8"
        return ListenerResponse(status: status, headerFields: fields, body: [value.bytes])
    }
}

/// The documented shapes of errors, each in addition to `"success": false`.
package enum ErrorEnvelope: String, Sendable, CaseIterable {
    /// `message`, as on the bucket and workspace pages.
    case message
    /// `error_code` alone, as for a user who is not logged in.
    case code
    /// `error_code` and `message`, as on the quota and credits pages.
    case codeAndMessage = "code-and-message"
    /// `message` and `error`, as on the settings and device pages.
    case messageAndError = "message-and-error"
    /// `error_code` and `error_message`, as on the repository pages.
    case snakeCase = "error_code"
    /// `message`, `errorCode` and `errorMessage`, as for the registration of nodes.
    case camelCase = "errorCode"

    func body(code: String, message: String) -> JSONValue {
        var members = [JSONValue.Member("success", false)]
        switch self {
        case .message:
            members.append(.init("message", .string(message)))
        case .code:
            members.append(.init("error_code", .string(code)))
        case .codeAndMessage:
            members += [.init("error_code", .string(code)), .init("message", .string(message))]
        case .messageAndError:
            members += [.init("message", .string(message)), .init("error", .string(code))]
        case .snakeCase:
            members += [.init("error_code", .string(code)), .init("error_message", .string(message))]
        case .camelCase:
            members += [
                .init("message", .string(message)), .init("errorCode", .string(code)), .init("errorMessage", .string(message)),
            ]
        }
        return .object(members)
    }
}
