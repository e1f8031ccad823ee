package import Basics
package import FoundationEssentials

/// Appends samples as bytes, separated by family because the formats require each family's samples to be together, and by scope
/// because a response may be filtered.
///
/// Data becomes a segment as soon as there is enough of it, so that the uncompressed samples of many buckets are never in memory
/// all at once.
package struct SampleWriter<Family: MetricFamilySet> {
    /// The maximum length of a segment: more data does not improve compression. The last sample may exceed it slightly, and the
    /// segment's plain bytes still fit into a buffer of 128 KiB.
    private static var maximumSegmentBytes: Int { 124 * 1024 }
    /// The minimum length; shorter segments compress noticeably worse.
    private static var minimumSegmentBytes: Int { 12 * 1024 }
    /// The approximate total size of the buffers of all families and scopes.
    private static var bufferedBytes: Int { 2 * 1024 * 1024 }

    private let declarations: FamilyDeclarations<Family>
    private let deflater: Deflater
    /// One buffer for each family of the first scope, then for each of the second, and so on.
    private var buffers: [SampleBuffer] = []
    private var scopes: [SampleScope] = []
    /// The index of the first buffer of the current scope.
    private var base = 0
    private var bases: [SampleScope: Int] = [:]
    /// The length at which a segment is made; it decreases with the number of scopes.
    private var segmentBytes = Self.maximumSegmentBytes

    /// The scope of the samples appended next.
    package var scope: SampleScope {
        didSet { if scope != oldValue { enterScope() } }
    }

    /// - Parameters:
    ///   - scope: the scope of the first samples.
    ///   - deflater: its state is large; consecutive writers can share one.
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
            segmentBytes = min(max(Self.minimumSegmentBytes, Self.bufferedBytes / buffers.count), Self.maximumSegmentBytes)
        }
    }

    /// Appends one sample, unless its family is not selected.
    /// - Parameters:
    ///   - labels: the labels of the series' subject.
    ///   - more: additional labels.
    ///   - start: when a counter was last 0; nil if unknown. Only in protobuf, where it lets Prometheus count the increases before the
    ///     first scrape of the series.
    package mutating func append(
        _ family: Family, _ labels: LabelBlock = .none, _ more: LabelBlock = .none, value: SampleValue, since start: Date? = nil
    ) {
        guard declarations.isWritten[family.rawValue] else { return }
        if let start { buffers[base + family.rawValue].appendDetail(start: start) }
        buffers[base + family.rawValue].append(labels, more, value, segmentBytes: segmentBytes, deflater)
    }

    /// Appends the samples of a state set: one per state, 1 for the current state and 0 for the others, or only the current state's sample.
    /// - Parameters:
    ///   - labels: the labels of the series' subject.
    ///   - current: the index of the current state.
    ///   - states: the label of each state.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, state current: Int, of states: [LabelBlock]) {
        switch declarations.selection.states {
        case .current: append(family, labels, states[current], value: 1)
        case .all:
            for index in states.indices { append(family, labels, states[index], value: SampleValue(index == current)) }
        }
    }

    /// Appends a histogram's samples: its buckets, converted to cumulative counts, its sum and its count.
    /// - Parameter start: when it was last empty; nil if unknown. Only in protobuf.
    package mutating func append(
        _ family: Family, _ labels: LabelBlock = .none, histogram: Histogram, since start: Date? = nil
    ) {
        guard declarations.isWritten[family.rawValue] else { return }
        let name = declarations.families[family.rawValue].name
        let index = base + family.rawValue
        let constants = declarations.constantLabels
        let bucket = LineStart(name + "_bucket", constants)
        buffers[index].appendDetail(start: start, native: histogram.native)
        var cumulated: Int64 = 0
        for (bound, count) in zip(histogram.upperBounds + [.infinity], histogram.counts) {
            cumulated += count
            buffers[index].write(bucket, labels, Histogram.label(upperBound: bound), .integer(cumulated))
        }
        buffers[index].write(LineStart(name + "_sum", constants), labels, .none, .real(histogram.sum))
        buffers[index].write(LineStart(name + "_count", constants), labels, .none, .integer(cumulated))
    }

    /// Finishes writing.
    /// - Returns: the families in the order of their declarations, without those that have no samples.
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

    /// Finishes writing.
    /// - Returns: the families, ready for a snapshot.
    package mutating func rendered() -> [RenderedFamily] {
        written().map { RenderedFamily($0) }
    }
}

/// A histogram with fixed bounds: the count of values in each bucket, and their sum.
package struct Histogram: Sendable, Hashable {
    /// The inclusive upper bounds of the buckets in ascending order, without `+Inf`.
    package let upperBounds: [Double]
    /// One count per bucket, not cumulative; the last one is for values above all bounds.
    package let counts: [Int64]
    package let sum: Double
    /// The same values as a native histogram; only in protobuf.
    package let native: NativeHistogram?

    /// - Precondition: there is one more count than bounds.
    package init(upperBounds: [Double], counts: [Int64], sum: Double, native: NativeHistogram? = nil) {
        precondition(counts.count == upperBounds.count + 1, "a histogram has a count for each bound and one for +Inf")
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
        self.native = native
    }

    /// The `le` label; OpenMetrics requires `1.0` instead of `1`, and text format 0.0.4 accepts both.
    static func label(upperBound: Double) -> LabelBlock {
        LabelBlock(["le": upperBound == .infinity ? "+Inf" : upperBound.description])
    }
}
