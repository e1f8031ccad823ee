package import Basics

/// The content of a scrape response: families whose samples are already bytes. Immutable, so that any number of responses can
/// share it.
package struct MetricSnapshot: Sendable, Hashable {
    /// The families that have samples, without duplicates.
    package let families: [RenderedFamily]

    /// Takes families in output order. A family written by several sources is output once, at its first position, with all
    /// samples: the formats require a family's samples to be together.
    package init(_ families: [RenderedFamily]) {
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
        MetricSnapshot(self.families + families)
    }

    /// The families of this snapshot with these names.
    package func limited(to names: Set<String>) -> MetricSnapshot {
        MetricSnapshot(families.filter { names.contains($0.family.name) })
    }

    /// Combines snapshots of several sources: families that they share are output once, with all samples.
    package static func merging(_ snapshots: [MetricSnapshot]) -> MetricSnapshot {
        if snapshots.count == 1, let only = snapshots.first { return only }
        return MetricSnapshot(snapshots.flatMap(\.families))
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
    package func body(
        in format: ExpositionFormat, coding: ContentCoding = .identity, filter: SampleFilter = .all
    ) -> [BodyPiece] {
        var runs: [SegmentRun] = []
        for rendered in families where filter.admits(rendered.family) {
            let samples = rendered.runs(admittedBy: filter)
            if samples.isEmpty { continue }
            runs.append(rendered.header.run(in: format.syntax))
            runs += samples
        }
        if format.syntax == .openMetrics { runs.append(Self.end) }
        return coding.pieces(of: runs)
    }

    /// The last line of OpenMetrics, without which a body counts as truncated.
    private static let end = SegmentRun(Segment(Array("# EOF\n".utf8), deflater: Deflater()))
}
