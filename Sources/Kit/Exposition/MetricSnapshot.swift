package import Basics

/// What a scrape is answered with: families whose samples are bytes already. Immutable, so that any number of responses share it.
package struct MetricSnapshot: Sendable, Hashable {
    /// The families that have samples, each once.
    package let families: [RenderedFamily]

    /// Takes families in the order in which they are to be written. A family that several sources wrote to is written once,
    /// where it first stood, with the samples of all: the formats want a family's samples together.
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

    /// A snapshot with nothing in it.
    package static let empty = MetricSnapshot([])

    /// The families of this snapshot, followed by others.
    package func appending(_ families: [RenderedFamily]) -> MetricSnapshot {
        MetricSnapshot(self.families + families)
    }

    /// Snapshots of several sources in one: the families that they share are written once, with the samples of all.
    package static func merging(_ snapshots: [MetricSnapshot]) -> MetricSnapshot {
        if snapshots.count == 1, let only = snapshots.first { return only }
        return MetricSnapshot(snapshots.flatMap(\.families))
    }

    /// The partitions that it has samples about, by the account that they are of.
    package var partitionsByAccount: [Identifier?: Set<Identifier>] {
        var partitions: [Identifier?: Set<Identifier>] = [:]
        for scope in families.lazy.flatMap(\.scopes) {
            if let partition = scope.partition { partitions[scope.account, default: []].insert(partition) }
        }
        return partitions
    }

    /// The body of a response, in pieces: the samples themselves are neither copied nor coded anew.
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

    /// The last line of OpenMetrics, without which a body counts as cut off.
    private static let end = SegmentRun(Segment(Array("# EOF\n".utf8), deflater: Deflater()))
}
