/// Segments that always follow each other, such as the samples of one family and scope.
struct SegmentRun: Sendable, Hashable {
    let segments: [Segment]
    /// That of all their bytes: put together once, and not for every body that they are in.
    let check: CyclicRedundancyCheck

    init(_ segments: [Segment]) {
        self.segments = segments
        var check = CyclicRedundancyCheck()
        for segment in segments { check.append(segment.check) }
        self.check = check
    }
}
