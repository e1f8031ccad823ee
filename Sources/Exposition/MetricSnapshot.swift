/// What a scrape is answered with: families whose samples are bytes already. Immutable, so that any number of responses share it.
package struct MetricSnapshot: Sendable, Hashable {
    /// The families that have samples, each once.
    package let families: [RenderedFamily]

    /// Takes families in the order in which they are to be written. A family that several sources wrote to is written once,
    /// where it first stood, with the samples of all: the formats want a family's samples together.
    package init(_ families: [RenderedFamily]) {
        var indexes: [String: Int] = [:]
        var merged: [RenderedFamily] = []
        for rendered in families where !rendered.samples.isEmpty {
            if let index = indexes[rendered.family.name] {
                merged[index] = RenderedFamily(family: rendered.family, samples: merged[index].samples + rendered.samples)
            } else {
                indexes[rendered.family.name] = merged.count
                merged.append(rendered)
            }
        }
        self.families = merged
    }

    /// A snapshot with nothing in it.
    package static let empty = MetricSnapshot([])

    /// The families of this snapshot, followed by others.
    package func appending(_ families: [RenderedFamily]) -> MetricSnapshot {
        MetricSnapshot(self.families + families)
    }

    /// The body of a response, in pieces: the sample bytes themselves are not copied.
    package func body(in format: ExpositionFormat) -> [[UInt8]] {
        families.flatMap { [format.header(of: $0.family), $0.samples] }
    }
}
