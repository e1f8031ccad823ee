/// A histogram with fixed bounds: how many values fell into each bucket, and their sum.
package struct Histogram: Sendable, Hashable {
    /// The inclusive upper bounds of the buckets in rising order, without `+Inf`.
    package let upperBounds: [Double]
    /// One count a bucket, not cumulated; the last is that of the values above every bound.
    package let counts: [Int64]
    package let sum: Double

    /// - Precondition: there is one count more than bounds.
    package init(upperBounds: [Double], counts: [Int64], sum: Double) {
        precondition(counts.count == upperBounds.count + 1, "a histogram has a count for each bound and one for +Inf")
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
    }

    /// The `le` label; OpenMetrics wants `1.0`, not `1`, and text format 0.0.4 does not mind.
    static func label(upperBound: Double) -> LabelBlock {
        LabelBlock(["le": upperBound == .infinity ? "+Inf" : upperBound.description])
    }
}
