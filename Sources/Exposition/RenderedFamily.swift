/// A family with its sample lines as bytes, the same in every format, and cut into segments by what they belong to.
package struct RenderedFamily: Sendable, Hashable {
    /// Sample lines of one scope: whole lines, each with its line feed.
    struct Samples: Sendable, Hashable {
        let scope: SampleScope
        let run: SegmentRun
    }

    package let family: MetricFamily
    let header: FamilyHeader
    private var samples: [Samples]
    /// The samples of all scopes, one after the other.
    private var whole: SegmentRun

    /// Lays the segments of a family's samples next to each other.
    package init(_ written: WrittenFamily) {
        self.init(written, packing: SegmentPacking(written.samples.map(\.segments)))
    }

    init(_ written: WrittenFamily, packing: SegmentPacking) {
        family = written.family
        header = written.header
        samples = zip(written.samples, packing.runs).map { Samples(scope: $0.scope, run: $1) }
        whole = packing.whole
    }

    /// A family with sample lines that are written already.
    package init(family: MetricFamily, scope: SampleScope = SampleScope(), lines: [UInt8]) {
        let deflater = Deflater()
        self.init(
            WrittenFamily(
                index: 0, family: family, header: FamilyHeader(family, deflater: deflater),
                samples: [WrittenFamily.Samples(scope: scope, segments: [Segment(lines, deflater: deflater)])]))
    }

    /// What its samples belong to.
    package var scopes: some Sequence<SampleScope> { samples.lazy.map(\.scope) }

    /// Takes in the samples that another source wrote to the same family.
    mutating func append(_ other: RenderedFamily) {
        samples += other.samples
        whole.append(other.whole)
    }

    /// The samples that a filter lets through.
    func runs(admittedBy filter: SampleFilter) -> [SegmentRun] {
        filter.admitsAllScopes ? [whole] : samples.lazy.filter { filter.admits($0.scope) }.map(\.run)
    }
}
