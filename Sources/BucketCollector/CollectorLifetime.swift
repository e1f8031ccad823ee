/// How long a collector's observations are good for.
package struct CollectorLifetime: Sendable, Hashable {
    /// After it an observation is read again.
    package let fresh: Duration
    /// How much longer an observation may be served while it cannot be read again.
    package let stale: Duration

    package init(fresh: Duration, stale: Duration) {
        self.fresh = fresh
        self.stale = stale
    }

    /// Whether an observation, or an attempt, of a given age calls for another.
    func isDue(age: Duration) -> Bool { age >= fresh }

    /// Whether an observation of a given age may be served.
    func isServable(age: Duration) -> Bool { age <= fresh + stale }
}
