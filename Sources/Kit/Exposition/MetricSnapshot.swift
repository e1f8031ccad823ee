package import Basics

/// The content of a scrape response: families whose samples are already bytes. Immutable, so that any number of responses can
/// share it.
package struct MetricSnapshot: Sendable, Hashable {
    /// The families that have samples, without duplicates.
    package let families: [RenderedFamily]
    /// The partitions of each account that could be listed, including those without samples here. Samples of a partition do not
    /// mean that all of the account's partitions are known.
    package let listedPartitions: [Identifier?: Set<Identifier>]

    /// Takes families in output order. A family written by several sources is output once, at its first position, with all
    /// samples: the formats require a family's samples to be together.
    package init(_ families: [RenderedFamily], listedPartitions: [Identifier?: Set<Identifier>] = [:]) {
        self.listedPartitions = listedPartitions
        var indexes: [String: Int] = [:]
        var merged: [RenderedFamily] = []
        for rendered in families {
            if let index = indexes[rendered.family.name] {
                merged[index].append(rendered)
            } else {
                indexes[rendered.family.name] = merged.count
                merged.append(rendered)
            }
        }
        self.families = merged
    }

    /// A snapshot without families.
    package static let empty = MetricSnapshot([])

    /// The families of this snapshot, followed by others.
    package func appending(_ families: [RenderedFamily]) -> MetricSnapshot {
        MetricSnapshot(self.families + families, listedPartitions: listedPartitions)
    }

    /// The families of this snapshot with these names.
    package func limited(to names: Set<String>) -> MetricSnapshot {
        MetricSnapshot(families.filter { names.contains($0.family.name) }, listedPartitions: listedPartitions)
    }

    /// Combines snapshots of several sources: families that they share are output once, with all samples.
    package static func merging(_ snapshots: [MetricSnapshot]) -> MetricSnapshot {
        if snapshots.count == 1, let only = snapshots.first { return only }
        return MetricSnapshot(
            snapshots.flatMap(\.families),
            listedPartitions: snapshots.reduce(into: [:]) { $0.merge($1.listedPartitions) { $0.union($1) } })
    }

    /// The partitions with samples, by account.
    package var partitionsByAccount: [Identifier?: Set<Identifier>] {
        var partitions: [Identifier?: Set<Identifier>] = [:]
        for scope in families.lazy.flatMap(\.scopes) {
            if let partition = scope.partition { partitions[scope.account, default: []].insert(partition) }
        }
        return partitions
    }

    /// The body of a response, in pieces: the samples are neither copied nor compressed again.
    ///
    /// Protobuf is rendered on the first request, which can take a second; call ``prepare(for:filter:)`` first.
    package func body(
        in format: ExpositionFormat, coding: ContentCoding = .identity, filter: SampleFilter = .all
    ) -> [BodyPiece] {
        switch format.syntax {
        case .text, .openMetrics: coding.pieces(of: lines(filter, isOpenMetrics: format.syntax == .openMetrics))
        case .protobuf: coding.pieces(of: messages(filter))
        }
    }

    private func lines(_ filter: SampleFilter, isOpenMetrics: Bool) -> [SegmentRun] {
        var runs: [SegmentRun] = []
        for rendered in families where filter.admits(rendered.family) {
            let samples = rendered.runs(admittedBy: filter)
            if samples.isEmpty { continue }
            runs.append(rendered.header.run(isOpenMetrics: isOpenMetrics))
            runs += samples
        }
        if isOpenMetrics { runs.append(Self.end) }
        return runs
    }

    /// A message for each family, preceded by its length.
    private func messages(_ filter: SampleFilter) -> [SegmentRun] {
        let deflater = Deflater()
        var runs: [SegmentRun] = []
        for rendered in families where filter.admits(rendered.family) {
            let samples = rendered.protobufRuns(admittedBy: filter, deflater: deflater)
            if samples.isEmpty { continue }
            let header = rendered.header.protobufRun(of: rendered.family, deflater: deflater)
            var length: [UInt8] = []
            length.append(varint: UInt64(samples.reduce(header.check.byteCount) { $0 + $1.check.byteCount }))
            runs += [SegmentRun(Segment(length, deflater: deflater)), header] + samples
        }
        return runs
    }

    /// Renders what ``body(in:coding:filter:)`` needs, but yields to other tasks in between.
    /// - Throws: `CancellationError` when the task is cancelled. What was rendered until then is kept.
    package func prepare(for format: ExpositionFormat, filter: SampleFilter = .all) async throws(CancellationError) {
        guard format.syntax == .protobuf else { return }
        let deflater = Deflater()
        for rendered in families where filter.admits(rendered.family) {
            for segment in rendered.runs(admittedBy: filter).flatMap(\.segments) where !segment.isInProtobuf {
                if Task.isCancelled { throw CancellationError() }
                _ = segment.protobuf(of: rendered.family.type, deflater: deflater)
                await Task.yield()
            }
        }
    }

    /// The last line of OpenMetrics, without which a body counts as truncated.
    private static let end = SegmentRun(Segment(Array("# EOF\n".utf8), deflater: Deflater()))
}
