internal import HTTPTypes

/// Why a request is answered without its being read to the end.
enum Refusal: Error {
    case malformed
    case invalidTarget
    case invalidHost
    case headTooLarge
    case bodyTooLong
    case tooManyConnections

    var response: ListenerResponse {
        switch self {
        case .malformed: .text(.badRequest, "The request is not valid HTTP.")
        case .invalidTarget: .text(.badRequest, "The request's method or target is not valid.")
        case .invalidHost: .text(.badRequest, "The request's Host is missing, repeated or not valid.")
        case .headTooLarge: .text(.requestHeaderFieldsTooLarge, "The request's target or header is longer than is read here.")
        case .bodyTooLong: .text(.contentTooLarge, "The request's body is longer than is read here.")
        case .tooManyConnections:
            .text(.serviceUnavailable, "There are too many connections.", headerFields: [.retryAfter: "1"])
        }
    }
}
