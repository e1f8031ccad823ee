/// A family with its sample lines as bytes, the same in every format.
package struct RenderedFamily: Sendable, Hashable {
    package let family: MetricFamily
    /// Whole lines, each with its line feed. Empty when the family has no samples.
    package let samples: [UInt8]

    package init(family: MetricFamily, samples: [UInt8]) {
        self.family = family
        self.samples = samples
    }
}
