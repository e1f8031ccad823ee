internal import HTTPTypes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Why a request is rejected before it has been read completely.
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
        case .headTooLarge: .text(.requestHeaderFieldsTooLarge, "The request's target or header is too long.")
        case .bodyTooLong: .text(.contentTooLarge, "The request's body is too long.")
        case .tooManyConnections:
            .text(.serviceUnavailable, "Too many connections.", headerFields: [.retryAfter: "1"])
        }
    }
}

/// The header field `Date`, required of servers with a clock (RFC 9110 section 6.6.1).
enum ResponseDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil for a time that the calendar cannot represent.
    /// - Parameter seconds: since 1970-01-01 UTC.
    static func text(_ seconds: Int64) -> String? {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return nil }
        let day = "\(weekdays[Int(parts.tm_wday)]), \(twoDigits(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        return "\(day) \(Int(parts.tm_year) + 1900) \(clock) GMT"
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The current time.
    static func now() -> Int64 { Int64(time(nil)) }
}
