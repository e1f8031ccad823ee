/// The shapes in which the API's pages show an error, each beside `"success": false`.
package enum ErrorEnvelope: String, Sendable, CaseIterable {
    /// `message`, as the bucket and workspace pages have it.
    case message
    /// `error_code` alone, as for a user who is not logged in.
    case code
    /// `error_code` and `message`, as the quota and credits pages have it.
    case codeAndMessage = "code-and-message"
    /// `message` and `error`, as the settings and device pages have it.
    case messageAndError = "message-and-error"
    /// `error_code` and `error_message`, as the repository pages have it.
    case snakeCase = "error_code"
    /// `message`, `errorCode` and `errorMessage`, as the registration of nodes has it.
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
