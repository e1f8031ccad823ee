/// Appends samples as bytes, kept apart by family because a format wants each family's samples together, and by scope because a
/// response may be asked for some of them only.
///
/// What is written becomes a segment as soon as there is enough of it, so that the plain samples of many buckets are never all there
/// at once.
package struct SampleWriter<Family: MetricFamilySet> {
    /// The most for a segment: the state of the deflater is not worth keeping over more. The last sample goes a little beyond it,
    /// and still the segment's plain bytes fit a buffer of 128 KiB.
    private static var longestSegment: Int { 124 * 1024 }
    /// The least, below which deflating by the piece makes it noticeably more.
    private static var shortestSegment: Int { 12 * 1024 }
    /// About how much is to be in the buffers of all families and scopes together.
    private static var bufferedBytes: Int { 2 * 1024 * 1024 }

    private let declarations: FamilyDeclarations<Family>
    private let deflater: Deflater
    /// A buffer for each family of the first scope, then for each of the second, and so on.
    private var buffers: [SampleBuffer] = []
    private var scopes: [SampleScope] = []
    /// Where the current scope's buffers begin.
    private var base = 0
    private var bases: [SampleScope: Int] = [:]
    /// Enough for a segment; the more scopes there are, the less.
    private var segmentBytes = Self.longestSegment

    /// What the samples belong to that are appended next.
    package var scope: SampleScope {
        didSet { if scope != oldValue { enterScope() } }
    }

    /// - Parameters:
    ///   - scope: what the first samples belong to.
    ///   - deflater: its state is large; writers that follow each other can share one.
    package init(
        _ declarations: FamilyDeclarations<Family> = FamilyDeclarations(), scope: SampleScope = SampleScope(),
        deflater: Deflater = Deflater()
    ) {
        self.declarations = declarations
        self.scope = scope
        self.deflater = deflater
        enterScope()
    }

    private mutating func enterScope() {
        if let known = bases[scope] {
            base = known
        } else {
            base = buffers.count
            bases[scope] = base
            scopes.append(scope)
            buffers += declarations.starts.map { SampleBuffer($0) }
            segmentBytes = min(max(Self.shortestSegment, Self.bufferedBytes / buffers.count), Self.longestSegment)
        }
    }

    /// Appends one sample.
    /// - Parameters:
    ///   - labels: the labels of the series' subject.
    ///   - more: labels that follow them.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, _ more: LabelBlock = .none, value: SampleValue) {
        buffers[base + family.rawValue].append(labels, more, value, segmentBytes: segmentBytes, deflater)
    }

    /// Appends a histogram's samples: its buckets, cumulated here, its sum and its count.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, histogram: Histogram) {
        let name = declarations.families[family.rawValue].name
        let index = base + family.rawValue
        let constants = declarations.constantLabels
        let bucket = LineStart(name + "_bucket", constants)
        var cumulated: Int64 = 0
        for (bound, count) in zip(histogram.upperBounds + [.infinity], histogram.counts) {
            cumulated += count
            buffers[index].write(bucket, labels, Histogram.label(upperBound: bound), .integer(cumulated))
        }
        buffers[index].write(LineStart(name + "_sum", constants), labels, .none, .real(histogram.sum))
        buffers[index].write(LineStart(name + "_count", constants), labels, .none, .integer(cumulated))
    }

    /// Ends the writing.
    /// - Returns: what was written, in the order of the declarations, without families that have no samples.
    package mutating func written() -> [WrittenFamily] {
        let families = declarations.families
        return families.indices.compactMap { index in
            let samples = scopes.indices.compactMap { scope -> WrittenFamily.Samples? in
                let segments = buffers[scope * families.count + index].seal(deflater)
                return segments.isEmpty ? nil : WrittenFamily.Samples(scope: scopes[scope], segments: segments)
            }
            if samples.isEmpty { return nil }
            return WrittenFamily(index: index, family: families[index], header: declarations.headers[index], samples: samples)
        }
    }

    /// Ends the writing.
    /// - Returns: what was written, ready for a snapshot.
    package mutating func rendered() -> [RenderedFamily] {
        written().map { RenderedFamily($0) }
    }
}

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
