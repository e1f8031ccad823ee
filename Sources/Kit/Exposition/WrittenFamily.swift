/// A family's samples as segments that are not contiguous yet: the output of one writer, such as a part of the buckets.
///
/// Parts are rewritten individually as they change, and joined for each snapshot (``join(_:)``).
package struct WrittenFamily: Sendable {
    /// Sample lines of one scope.
    struct Samples: Sendable {
        let scope: SampleScope
        var segments: [Segment]
    }

    /// The family's index among its declarations.
    let index: Int
    let family: MetricFamily
    let header: FamilyHeader
    var samples: [Samples]

    /// Joins the families of several parts, in the order of their declarations.
    ///
    /// The parts' segments are copied to be contiguous, so that a body consists of few pieces. The parts then share the copies,
    /// so that the bytes are in memory only once.
    /// - Parameter parts: the families of each part, all with the same declarations.
    package static func join(_ parts: inout [[WrittenFamily]]) -> [RenderedFamily] {
        var places: [Int: [(part: Int, position: Int)]] = [:]
        for part in parts.indices {
            for position in parts[part].indices { places[parts[part][position].index, default: []].append((part, position)) }
        }
        return places.sorted { $0.key < $1.key }.map { join(&parts, at: $0.value) }
    }

    private static func join(_ parts: inout [[WrittenFamily]], at places: [(part: Int, position: Int)]) -> RenderedFamily {
        var whole = parts[places[0].part][places[0].position]
        whole.samples = places.flatMap { parts[$0.part][$0.position].samples }
        let packing = SegmentPacking(whole.samples.map(\.segments))
        var runs = packing.runs[...]
        for place in places {
            for index in parts[place.part][place.position].samples.indices {
                guard let run = runs.popFirst() else {
                    preconditionFailure("packing keeps one run for each sequence of segments")
                }
                parts[place.part][place.position].samples[index].segments = run.segments
            }
        }
        return RenderedFamily(whole, packing: packing)
    }
}

/// A family with its sample lines as bytes, which are the same in every text format, in segments by scope.
package struct RenderedFamily: Sendable, Hashable {
    /// Sample lines of one scope: complete lines, each with its line feed.
    struct Samples: Sendable, Hashable {
        let scope: SampleScope
        let run: SegmentRun
    }

    package let family: MetricFamily
    let header: FamilyHeader
    private(set) var samples: [Samples]
    /// The samples of all scopes in order.
    private var whole: SegmentRun
    /// The same in protobuf.
    private var wholeInProtobuf = Kept<SegmentRun>()

    /// Places the segments of a family's samples contiguously.
    package init(_ written: WrittenFamily) {
        self.init(written, packing: SegmentPacking(written.samples.map(\.segments)))
    }

    init(_ written: WrittenFamily, packing: SegmentPacking) {
        family = written.family
        header = written.header
        samples = zip(written.samples, packing.runs).map { Samples(scope: $0.scope, run: $1) }
        whole = packing.whole
    }

    /// A family from existing sample lines.
    package init(family: MetricFamily, scope: SampleScope = SampleScope(), lines: [UInt8]) {
        let deflater = Deflater()
        self.init(
            WrittenFamily(
                index: 0, family: family, header: FamilyHeader(family, deflater: deflater),
                samples: [WrittenFamily.Samples(scope: scope, segments: [Segment(lines, deflater: deflater)])]))
    }

    /// The scopes of its samples.
    package var scopes: some Sequence<SampleScope> { samples.lazy.map(\.scope) }

    /// Adds the samples that another source wrote to the same family.
    mutating func append(_ other: RenderedFamily) {
        samples += other.samples
        whole.append(other.whole)
        wholeInProtobuf = Kept()
    }

    /// The samples that a filter admits.
    func runs(admittedBy filter: SampleFilter) -> [SegmentRun] {
        filter.admitsAllScopes ? [whole] : samples.lazy.filter { filter.admits($0.scope) }.map(\.run)
    }

    /// The samples that a filter admits, in protobuf.
    func protobufRuns(admittedBy filter: SampleFilter, deflater: Deflater) -> [SegmentRun] {
        func converted(_ run: SegmentRun) -> SegmentRun {
            SegmentRun(run.segments.map { $0.protobuf(of: family.type, deflater: deflater) })
        }
        if filter.admitsAllScopes { return [wholeInProtobuf.value { converted(whole) }] }
        return runs(admittedBy: filter).map(converted)
    }
}
