internal import HTTPTypes

/// The request quota: a bucket of tokens that fills at the allowed rate and holds one second's worth.
struct Throttle: Sendable {
    /// Seconds; a rate near zero would make waits that no clock can count.
    private static let longestWait = 86_400.0

    private var tokens: Double?
    private var filledAt: Timestamp?

    /// Lets a request through, or tells in how many seconds one will be.
    mutating func admit(at now: Timestamp, requestsPerSecond rate: Double) -> Double? {
        let capacity = max(1, rate)
        let elapsed = filledAt.map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0
        let available = min(capacity, (tokens ?? capacity) + elapsed * rate)
        filledAt = max(filledAt ?? now, now)
        guard available < 1 else {
            tokens = available - 1
            return nil
        }
        tokens = available
        return rate > 0 ? min((1 - available) / rate, Self.longestWait) : 60
    }
}

extension Answer {
    /// 429 with Retry-After in the configured form.
    static func throttled(_ form: SimulatorConfiguration.RetryAfterForm, seconds wait: Double, now: Timestamp) -> Answer {
        var fields: HTTPFields = [:]
        switch form {
        case .seconds: fields[.retryAfter] = String(max(1, Int64(wait.rounded(.up))))
        case .date:
            // The date has whole seconds: the next one at which a request is let through.
            let moment = (Double(now.milliseconds) / 1000 + max(wait, 0.001)).rounded(.up)
            fields[.retryAfter] = Timestamp(milliseconds: Int64(moment) * 1000).httpDate
        case .none: break
        }
        return .failure(.tooManyRequests, code: "RATE_LIMITED", "Too many requests", headerFields: fields)
    }
}
