internal import YAMLTree

/// What `rate_limit` says: a bucket of tokens, one for each request, that is filled one by one.
package struct RateLimit: Sendable, Hashable {
    /// The time until another token is in the bucket. Longer than nothing.
    package let interval: Duration
    /// How many tokens the bucket holds; at least 1.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
        self.interval = interval
        self.burst = burst
    }

    /// - Returns: nil when the interval is 0, which turns the limit off.
    static func read(_ node: YAMLNode) throws(YAMLError) -> RateLimit? {
        let fields = try YAMLFields(node, in: WebConfigurationKey.rateLimit.rawValue, keys: WebConfigurationKey.RateLimit.self)
        let burst = try fields[.burst].map { node throws(YAMLError) in try node.integer(of: "burst") } ?? 0
        guard burst >= 0 else { throw YAMLError(at: fields[.burst]?.position ?? node.position, "burst must not be negative") }
        guard let interval = fields[.interval] else {
            if fields.isEmpty { return nil }
            throw YAMLError(at: node.position, "rate_limit has no interval; set it to the time between two requests, such as 1s")
        }
        guard let duration = GoDuration.parse(try interval.text(of: "interval")) else {
            throw YAMLError(at: interval.position, "interval must be a duration such as 1s, 500ms or 1m30s, or 0 for no limit")
        }
        if duration == .zero { return nil }
        guard burst > 0 else {
            throw YAMLError(
                at: fields[.burst]?.position ?? node.position,
                "burst must be at least 1 where there is an interval: with 0 every request would be refused")
        }
        return RateLimit(interval: duration, burst: burst)
    }
}
