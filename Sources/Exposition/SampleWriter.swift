/// Appends samples as bytes, kept apart by family because a format wants each family's samples together, and by scope because a
/// response may be asked for some of them only.
package struct SampleWriter<Family: MetricFamilySet>: Sendable {
    private let families: [MetricFamily]
    private let names: [[UInt8]]
    /// A buffer for each family of the first scope, then for each of the second, and so on.
    private var buffers: [SampleBuffer] = []
    private var scopes: [SampleScope] = []
    /// Where the current scope's buffers begin.
    private var base = 0
    private var bases: [SampleScope: Int] = [:]

    /// What the samples belong to that are appended next.
    package var scope: SampleScope {
        didSet { if scope != oldValue { enterScope() } }
    }

    /// - Parameter scope: what the first samples belong to.
    package init(_: Family.Type = Family.self, scope: SampleScope = SampleScope()) {
        families = Family.families
        names = families.map { Array($0.name.utf8) }
        self.scope = scope
        enterScope()
    }

    private mutating func enterScope() {
        if let known = bases[scope] {
            base = known
        } else {
            base = buffers.count
            bases[scope] = base
            scopes.append(scope)
            buffers += families.map { _ in SampleBuffer() }
        }
    }

    /// Appends one sample.
    /// - Parameters:
    ///   - labels: the labels of the series' subject.
    ///   - more: labels that follow them.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, _ more: LabelBlock = .none, value: SampleValue) {
        buffers[base + family.rawValue].append(names[family.rawValue], "", labels, more, value)
    }

    /// Appends a histogram's samples: its buckets, cumulated here, its sum and its count.
    package mutating func append(_ family: Family, _ labels: LabelBlock = .none, histogram: Histogram) {
        let name = names[family.rawValue]
        let index = base + family.rawValue
        var cumulated: Int64 = 0
        for (bound, count) in zip(histogram.upperBounds + [.infinity], histogram.counts) {
            cumulated += count
            buffers[index].append(name, "_bucket", labels, Histogram.label(upperBound: bound), .integer(cumulated))
        }
        buffers[index].append(name, "_sum", labels, .none, .real(histogram.sum))
        buffers[index].append(name, "_count", labels, .none, .integer(cumulated))
    }

    /// What was written, in the order of the declarations, without families that have no samples.
    package func rendered() -> [RenderedFamily] {
        let deflater = Deflater()
        return families.indices.compactMap { index in
            let samples: [RenderedFamily.Samples] = scopes.indices.compactMap { scope in
                let bytes = buffers[scope * families.count + index].bytes
                if bytes.isEmpty { return nil }
                return RenderedFamily.Samples(scope: scopes[scope], segment: Segment(bytes, deflater: deflater))
            }
            if samples.isEmpty { return nil }
            let family = families[index]
            return RenderedFamily(family: family, header: FamilyHeader(family, deflater: deflater), samples: samples)
        }
    }
}

/// The sample lines of one family and scope so far.
private struct SampleBuffer {
    var bytes: [UInt8] = []

    mutating func append(
        _ name: [UInt8], _ suffix: StaticString, _ labels: LabelBlock, _ more: LabelBlock, _ value: SampleValue
    ) {
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
