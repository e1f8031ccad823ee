/// Appends samples as bytes, kept apart by family because a format wants each family's samples together.
package struct SampleWriter<Family: MetricFamilySet>: Sendable {
    private var buffers: [FamilyBuffer]

    package init(_: Family.Type = Family.self) {
        buffers = Family.families.map { FamilyBuffer(family: $0, name: Array($0.name.utf8)) }
    }

    /// Appends one sample.
    /// - Parameters:
    ///   - labels: the labels of the series' subject.
    ///   - more: labels that follow them.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, _ more: LabelBlock = .none, value: SampleValue) {
        buffers[family.rawValue].append("", labels, more, value)
    }

    /// Appends a histogram's samples: its buckets, cumulated here, its sum and its count.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, histogram: Histogram) {
        var cumulated: Int64 = 0
        for (bound, count) in zip(histogram.upperBounds + [.infinity], histogram.counts) {
            cumulated += count
            buffers[family.rawValue].append("_bucket", labels, Histogram.label(upperBound: bound), .integer(cumulated))
        }
        buffers[family.rawValue].append("_sum", labels, .none, .real(histogram.sum))
        buffers[family.rawValue].append("_count", labels, .none, .integer(cumulated))
    }

    /// What was written, in the order of the declarations.
    package func rendered() -> [RenderedFamily] {
        buffers.map { RenderedFamily(family: $0.family, samples: $0.bytes) }
    }
}

/// The sample lines of one family so far.
private struct FamilyBuffer {
    let family: MetricFamily
    let name: [UInt8]
    var bytes: [UInt8] = []

    mutating func append(_ suffix: StaticString, _ labels: LabelBlock, _ more: LabelBlock, _ value: SampleValue) {
        bytes.append(contentsOf: name)
        suffix.withUTF8Buffer { bytes.append(contentsOf: $0) }
        if !labels.bytes.isEmpty || !more.bytes.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels.bytes)
            if !labels.bytes.isEmpty, !more.bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: more.bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes.append(value)
        bytes.append(UInt8(ascii: "\n"))
    }
}
