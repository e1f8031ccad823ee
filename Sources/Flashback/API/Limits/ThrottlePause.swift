internal import Basics
internal import FoundationEssentials
internal import HTTPClient
internal import HTTPTypes

/// The pause that follows a throttling response, during which no request is made.
struct ThrottlePause {
    /// The first pause when the API gives no time. It doubles with each further pause until a request succeeds.
    private static let first = Duration.seconds(1)
    private static let maximum = Duration.seconds(60)

    /// The end of the latest pause, which may have passed.
    private(set) var until: Duration?
    private var chosen = 0

    /// The end of the pause that is active at a time; nil without one.
    func end(at now: Duration) -> Duration? {
        until.flatMap { $0 > now ? $0 : nil }
    }

    mutating func succeeded() {
        chosen = 0
    }

    /// - Parameters:
    ///   - retryAfter: the pause that the API asked for. Zero, which also results from a date when the API's clock is behind
    ///     ours, is treated as missing: an immediate retry would be throttled again.
    ///   - isNews: whether this is the first complaint since the latest pause began.
    ///   - jitter: from 0 to 1.
    /// - Returns: by how much the pause was extended.
    mutating func throttled(at now: Duration, retryAfter: Duration?, isNews: Bool, jitter: Double) -> Duration {
        let end: Duration
        if let retryAfter, retryAfter > .zero {
            end = now + retryAfter
        } else {
            guard isNews else { return .zero }
            var pause = Self.first
            for _ in 0..<min(chosen, 10) { pause += pause }
            chosen += 1
            // Between half of the pause and all of it.
            end = now + min(pause, Self.maximum) * (0.5 + jitter / 2)
        }
        let former = max(until ?? now, now)
        until = max(former, end)
        return max(former, end) - former
    }
}

/// The header field Retry-After (RFC 9110 section 10.2.3): a number of seconds, or a date.
enum RetryAfter {
    /// An upper bound: no API needs a longer pause, and a wrong date must not stop the exporter for years.
    private static let maximum = Duration.seconds(3600)

    /// How long to wait; nil when the field is missing or invalid. A date is compared with the field Date, the API's clock: the local clock
    /// may be days off.
    static func duration(in fields: HTTPFields, now: Date) -> Duration? {
        guard let value = fields[.retryAfter] else { return nil }
        if let seconds = Int64(value) { return min(max(.zero, .seconds(seconds)), maximum) }
        // The value may have more digits than the number type holds.
        if value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !value.isEmpty { return maximum }
        let sentAt = fields[.date].flatMap(date) ?? now
        return date(value).map { .seconds(max(0, min($0.timeIntervalSince(sentAt), maximum.inSeconds))) }
    }

    /// A throttling response: a 429, or a 503 with a Retry-After.
    struct Complaint {
        /// How long the API asks us to wait; nil when it gives no time.
        let pause: Duration?

        /// Fails for a response that is not about throttling.
        init?(_ response: TransferResponse, now: Date) {
            guard [.tooManyRequests, .serviceUnavailable].contains(response.status) else { return nil }
            pause = RetryAfter.duration(in: response.headerFields, now: now)
            if response.status == .serviceUnavailable, pause == nil { return nil }
        }
    }

    /// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the format that RFC 9110 section 5.6.7 requires of senders.
    private static func date(_ text: String) -> Date? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let monthNumber = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return try? Date("\(parts[3])-\(monthNumber)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
    }
}
