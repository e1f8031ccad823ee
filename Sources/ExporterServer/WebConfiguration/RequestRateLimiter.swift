internal import NIOConcurrencyHelpers

/// Counts requests against the rate limit that is in force, for all clients together, as the exporter-toolkit does.
package final class RequestRateLimiter: Sendable {
    private struct State {
        var limit: RateLimit?
        var tokens = 0.0
        /// When the tokens were counted.
        var counted = Duration.zero
    }

    private let state = NIOLockedValueBox(State())
    /// A steady clock's time.
    private let uptime: @Sendable () -> Duration

    package init(uptime: @escaping @Sendable () -> Duration) {
        self.uptime = uptime
    }

    /// Takes a token for a request.
    /// - Returns: nil when the request may be answered, else how long it is until the next token.
    package func wait(under limit: RateLimit?) -> Duration? {
        state.withLockedValue { state in
            let now = uptime()
            guard let limit else {
                state.limit = nil
                return nil
            }
            if state.limit != limit {
                state = State(limit: limit, tokens: Double(limit.burst), counted: now)
            } else {
                state.tokens = min(Double(limit.burst), state.tokens + (now - state.counted) / limit.interval)
                state.counted = now
            }
            if state.tokens >= 1 {
                state.tokens -= 1
                return nil
            }
            return limit.interval * (1 - state.tokens)
        }
    }
}
