internal import Configuration
internal import NIOConcurrencyHelpers

/// The content of `rate_limit`: a token bucket in which each request takes one token.
package struct RateLimit: Sendable, Hashable {
    /// The interval at which tokens are added; greater than zero.
    package let interval: Duration
    /// The capacity of the bucket; with 0 every request is rejected.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
        self.interval = interval
        self.burst = burst
    }

    /// - Parameter warnings: receives probable mistakes.
    /// - Returns: nil when the interval is missing or 0: there is no limit then.
    static func read(_ node: YAMLNode, _ warnings: inout [YAMLError]) throws(YAMLError) -> RateLimit? {
        let fields = try YAMLFields(node, in: WebConfigurationKey.rateLimit.rawValue, keys: WebConfigurationKey.RateLimit.self)
        let burst = try fields[.burst].map { node throws(YAMLError) in try node.integer(of: "burst") } ?? 0
        guard burst >= 0 else { throw YAMLError(at: fields[.burst]?.position ?? node.position, "burst must not be negative") }
        guard let interval = fields[.interval] else {
            if burst > 0 {
                warnings.append(
                    YAMLError(
                        at: node.position,
                        "rate_limit without an interval limits nothing; set interval to the time between two requests")
                )
            }
            return nil
        }
        guard let duration = GoDuration.parse(try interval.text(of: "interval")) else {
            throw YAMLError(at: interval.position, "interval must be a duration such as 1s, 500ms or 1m30s, or 0 for no limit")
        }
        if duration == .zero { return nil }
        if burst == 0 {
            warnings.append(
                YAMLError(
                    at: fields[.burst]?.position ?? node.position,
                    "rate_limit with a burst of 0 refuses every request; set burst to 1 or more"))
        }
        return RateLimit(interval: duration, burst: burst)
    }
}

/// Applies the current rate limit to all clients together, as the exporter-toolkit does.
package final class RequestRateLimiter: Sendable {
    private struct State {
        var limit: RateLimit?
        var tokens = 0.0
        /// When the tokens were last updated.
        var counted = Duration.zero
    }

    private let state = NIOLockedValueBox(State())
    /// A steady clock.
    private let uptime: @Sendable () -> Duration

    package init(uptime: @escaping @Sendable () -> Duration) {
        self.uptime = uptime
    }

    /// Takes a token for a request.
    /// - Returns: nil when the request is admitted, otherwise the time until the next token.
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

/// Durations in the format of Go's `time.ParseDuration`, such as `1s`, `1.5h`, `300ms` or `1m30s`.
enum GoDuration {
    private static let nanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// The duration; nil when the text is invalid, negative, or beyond Go's range.
    static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var total = 0.0
        var rest = Substring(text)
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            let unit = rest.dropFirst(number.count).prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(number.count + unit.count)
            guard let count = value(number), let scale = nanoseconds[String(unit)] else { return nil }
            total += count * scale
        }
        guard total < Double(Int64.max) else { return nil }
        return .nanoseconds(Int64(total))
    }

    /// Parses `1`, `1.5`, `1.` and `.5`.
    private static func value(_ text: Substring) -> Double? {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, text.contains(where: { $0 != "." }) else { return nil }
        return Double("0\(text)\(parts.last?.isEmpty == true ? "0" : "")")
    }
}
