internal import HTTPTypes

/// The request quota: a token bucket that fills at the allowed rate and holds one second's worth.
struct Throttle: Sendable {
    /// In seconds; a rate near zero would make waits overflow.
    private static let maximumWait = 86_400.0

    private var tokens: Double?
    private var filledAt: Timestamp?

    /// Admits a request, or returns the number of seconds until one can be admitted.
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
        return rate > 0 ? min((1 - available) / rate, Self.maximumWait) : 60
    }
}

extension Answer {
    /// A 429 with Retry-After in the configured form.
    static func throttled(_ form: SimulatorConfiguration.RetryAfterForm, seconds wait: Double, now: Timestamp) -> Answer {
        var fields: HTTPFields = [:]
        switch form {
        case .seconds: fields[.retryAfter] = String(max(1, Int64(wait.rounded(.up))))
        case .date:
            // The date has whole seconds: the first one at which a request can be admitted.
            let moment = (Double(now.milliseconds) / 1000 + max(wait, 0.001)).rounded(.up)
            fields[.retryAfter] = Timestamp(milliseconds: Int64(moment) * 1000).httpDate
        case .none: break
        }
        return .failure(.tooManyRequests, code: "RATE_LIMITED", "Too many requests", headerFields: fields)
    }
}
