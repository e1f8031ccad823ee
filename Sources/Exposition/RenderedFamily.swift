/// A family with its sample lines as bytes, the same in every format, and cut into segments by what they belong to.
package struct RenderedFamily: Sendable, Hashable {
    /// Sample lines of one scope: whole lines, each with its line feed.
    struct Samples: Sendable, Hashable {
        let scope: SampleScope
        let run: SegmentRun
    }

    package let family: MetricFamily
    let header: FamilyHeader
    private(set) var samples: [Samples]

    init(family: MetricFamily, header: FamilyHeader, samples: [Samples]) {
        self.family = family
        self.header = header
        self.samples = samples
    }

    /// A family with sample lines that are written already.
    package init(family: MetricFamily, scope: SampleScope = SampleScope(), lines: [UInt8]) {
        let deflater = Deflater()
        self.init(
            family: family, header: FamilyHeader(family, deflater: deflater),
            samples: [Samples(scope: scope, run: SegmentRun([Segment(lines, deflater: deflater)]))])
    }

    /// What its samples belong to.
    package var scopes: some Sequence<SampleScope> { samples.lazy.map(\.scope) }

    /// Takes in the samples that another source wrote to the same family.
    mutating func append(_ other: RenderedFamily) { samples += other.samples }
}
