internal import YAMLTree

/// What `rate_limit` says: a bucket of tokens, one for each request, that is filled one by one.
package struct RateLimit: Sendable, Hashable {
    /// The time until another token is in the bucket. Longer than nothing.
    package let interval: Duration
    /// How many tokens the bucket holds; with none every request is refused.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
        self.interval = interval
        self.burst = burst
    }

    /// - Parameter warnings: learns what is probably not as it was meant.
    /// - Returns: nil when there is no interval, or one of 0, which turns the limit off.
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
