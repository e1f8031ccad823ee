internal import NIOCore

/// Segments that always follow each other, such as the samples of one family and scope.
struct SegmentRun: Sendable, Hashable {
    private(set) var segments: [Segment]
    /// What they are deflated: the same bytes, in fewer pieces where several segments lie next to each other.
    private(set) var deflated: [ByteBuffer]
    /// That of all their bytes: put together once, and not for every body that they are in.
    private(set) var check = CyclicRedundancyCheck()

    init(_ segments: [Segment], deflated: [ByteBuffer]) {
        self.segments = segments
        self.deflated = deflated
        for segment in segments { check.append(segment.check) }
    }

    /// - Parameter deflated: the bytes of all runs.
    init(joining runs: [SegmentRun], deflated: [ByteBuffer]) {
        segments = runs.flatMap(\.segments)
        self.deflated = deflated
        for run in runs { check.append(run.check) }
    }

    init(_ segment: Segment) {
        self.init([segment], deflated: [segment.deflated])
    }

    mutating func append(_ other: SegmentRun) {
        segments += other.segments
        deflated += other.deflated
        check.append(other.check)
    }
}
