internal import NIOCore

/// The number of samples, and their length in a response.
package struct SampleCost: Sendable, Hashable {
    /// One for each sample line: a histogram counts one for each bucket, its sum and its count.
    package var series = 0
    /// Uncompressed, in the text format.
    package var bytes = 0

    package init() {}

    init(_ run: SegmentRun) {
        series = run.segments.reduce(0) { $0 + $1.bytes.readableBytesView.count { $0 == UInt8(ascii: "\n") } }
        bytes = run.check.byteCount
    }

    package static func += (left: inout SampleCost, right: SampleCost) {
        left.series += right.series
        left.bytes += right.bytes
    }

    package static func - (left: SampleCost, right: SampleCost) -> SampleCost {
        var difference = left
        difference.series -= right.series
        difference.bytes -= right.bytes
        return difference
    }
}

extension RenderedFamily {
    /// The cost of its samples and of the lines before them.
    package var cost: SampleCost {
        var cost = costsByCollector.values.reduce(into: SampleCost()) { $0 += $1 }
        cost.bytes += header.run(isOpenMetrics: false).check.byteCount
        return cost
    }

    /// The cost of its samples by collector; nil for those that belong to none.
    package var costsByCollector: [String?: SampleCost] {
        samples.reduce(into: [:]) { $0[$1.scope.collector, default: SampleCost()] += SampleCost($1.run) }
    }
}

extension MetricSnapshot {
    /// The length of a whole body in bytes.
    package func byteCount(in format: ExpositionFormat, coding: ContentCoding) -> Int {
        body(in: format, coding: coding).reduce(0) { $0 + $1.byteCount }
    }
}
