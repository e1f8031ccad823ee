internal import Basics
internal import FoundationEssentials
internal import HTTPClient
internal import HTTPTypes

/// The time in which no request is made because the API said that it is asked too much.
struct ThrottlePause {
    /// The first pause that we choose ourselves; each further one without a success between them is twice as long.
    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(60)

    /// When the latest pause ends or has ended.
    private(set) var until: Duration?
    private var chosen = 0

    /// When the pause ends that is going on at a time.
    func end(at now: Duration) -> Duration? {
        until.flatMap { $0 > now ? $0 : nil }
    }

    mutating func succeeded() {
        chosen = 0
    }

    /// - Parameters:
    ///   - retryAfter: what the API asked for. Nothing at all, which is also what a date says whose clock is behind ours, is for us
    ///     to choose: to return at once is what it complained about.
    ///   - isNews: whether this is the first complaint since the latest pause began.
    ///   - jitter: from 0 to 1.
    /// - Returns: by how much the pause has become longer.
    mutating func throttled(at now: Duration, retryAfter: Duration?, isNews: Bool, jitter: Double) -> Duration {
        let end: Duration
        if let retryAfter, retryAfter > .zero {
            end = now + retryAfter
        } else {
            guard isNews else { return .zero }
            var pause = Self.first
            for _ in 0..<min(chosen, 10) { pause += pause }
            chosen += 1
            // Between half and all of it.
            end = now + min(pause, Self.longest) * (0.5 + jitter / 2)
        }
        let former = max(until ?? now, now)
        until = max(former, end)
        return max(former, end) - former
    }
}

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
