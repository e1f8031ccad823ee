internal import CurlTransport
internal import FoundationEssentials
internal import HTTPTypes

/// The header field Retry-After (RFC 9110 section 10.2.3): a number of seconds, or a date.
enum RetryAfter {
    /// No API means to be left alone for longer; a mistake in a date must not silence the exporter for years.
    private static let longest = Duration.seconds(3600)

    /// How long to wait; nil without the field or when it cannot be read.
    static func duration(in fields: HTTPFields, now: Date) -> Duration? {
        guard let value = fields[.retryAfter] else { return nil }
        if let seconds = Int64(value) { return min(max(.zero, .seconds(seconds)), longest) }
        // More digits than a number holds.
        if value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !value.isEmpty { return longest }
        return date(value).map { .seconds(max(0, min($0.timeIntervalSince(now), longest.inSeconds))) }
    }

    /// A complaint about too many requests: a 429, or a 503 that names a time.
    struct Complaint {
        /// How long the API wants to be left alone; nil when it does not say.
        let pause: Duration?

        /// Fails for an answer that does not complain.
        init?(_ response: TransferResponse, now: Date) {
            guard [.tooManyRequests, .serviceUnavailable].contains(response.status) else { return nil }
            pause = RetryAfter.duration(in: response.headerFields, now: now)
            if response.status == .serviceUnavailable, pause == nil { return nil }
        }
    }

    /// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the form that RFC 9110 section 5.6.7 has servers send.
    private static func date(_ text: String) -> Date? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let monthNumber = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return try? Date("\(parts[3])-\(monthNumber)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
    }
}
