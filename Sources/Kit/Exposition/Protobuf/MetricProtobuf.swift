internal import Basics
internal import FoundationEssentials

/// The numbers of the fields in Prometheus' `io/prometheus/client/metrics.proto`, by message.
enum MetricField {
    enum Family {
        static let name: UInt8 = 1
        static let help: UInt8 = 2
        static let type: UInt8 = 3
        static let metric: UInt8 = 4
        static let unit: UInt8 = 5
    }
    enum Metric {
        static let label: UInt8 = 1
        static let gauge: UInt8 = 2
        static let counter: UInt8 = 3
        static let histogram: UInt8 = 7
    }
    enum Label {
        static let name: UInt8 = 1
        static let value: UInt8 = 2
    }
    enum Gauge {
        static let value: UInt8 = 1
    }
    enum Counter {
        static let value: UInt8 = 1
        static let created: UInt8 = 3
    }
    enum Histogram {
        static let count: UInt8 = 1
        static let sum: UInt8 = 2
        static let bucket: UInt8 = 3
        static let schema: UInt8 = 5
        static let zeroThreshold: UInt8 = 6
        static let zeroCount: UInt8 = 7
        static let positiveSpan: UInt8 = 12
        static let positiveDelta: UInt8 = 13
        static let created: UInt8 = 15
    }
    enum Bucket {
        static let cumulativeCount: UInt8 = 1
        static let upperBound: UInt8 = 2
    }
    enum BucketSpan {
        static let offset: UInt8 = 1
        static let length: UInt8 = 2
    }
    /// `google.protobuf.Timestamp`.
    enum Timestamp {
        static let seconds: UInt8 = 1
        static let nanoseconds: UInt8 = 2
    }
}

extension MetricType {
    /// The type's number in the enumeration `MetricType`, which has no info and no state set.
    fileprivate var number: Int {
        switch self {
        case .counter: 0
        case .gauge, .info: 1
        case .histogram: 4
        }
    }
}

extension [UInt8] {
    /// Appends the fields of a family's message except its metrics. They can follow as any number of pieces, because the elements
    /// of a repeated field need not be contiguous.
    mutating func append(protobufHeaderOf family: MetricFamily) {
        append(MetricField.Family.name, bytes: family.name.utf8)
        append(MetricField.Family.help, bytes: family.help.utf8)
        append(MetricField.Family.type, unsigned: family.type.number)
        if let unit = family.declaredUnit { append(MetricField.Family.unit, bytes: unit.rawValue.utf8) }
    }

    /// Appends a time, rounded to the milliseconds that Prometheus keeps.
    mutating func append(_ field: UInt8, timestamp date: Date) {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        append(field) { time in
            time.append(MetricField.Timestamp.seconds, unsigned: seconds)
            if rest > 0 { time.append(MetricField.Timestamp.nanoseconds, unsigned: rest * 1_000_000) }
        }
    }

    /// Appends the fields of a histogram's message that make it a native one.
    mutating func append(_ native: NativeHistogram) {
        append(MetricField.Histogram.schema, signed: Int64(native.schema))
        append(MetricField.Histogram.zeroThreshold, double: NativeHistogram.zeroThreshold)
        append(MetricField.Histogram.zeroCount, unsigned: native.zeroCount)
        let (spans, deltas) = native.spansAndDeltas
        for span in spans {
            append(MetricField.Histogram.positiveSpan) { message in
                message.append(MetricField.BucketSpan.offset, signed: Int64(span.offset))
                message.append(MetricField.BucketSpan.length, unsigned: span.length)
            }
        }
        for delta in deltas { append(MetricField.Histogram.positiveDelta, signed: delta) }
    }
}

extension NativeHistogram {
    /// Buckets without a gap between them.
    struct Span: Hashable {
        /// The index of its first bucket, relative to the bucket after the previous span.
        let offset: Int
        var length: Int
    }

    /// The longest gap between two buckets to fill with empty buckets: this is shorter than another span.
    private static let maximumFilledGap = 2

    /// The buckets in the format's representation: spans of existing buckets, and the difference of each count to the previous one.
    var spansAndDeltas: (spans: [Span], deltas: [Int64]) {
        var spans: [Span] = []
        var deltas: [Int64] = []
        var previousCount: Int64 = 0
        var nextIndex = 0
        for (index, count) in buckets {
            let gap = index - nextIndex
            if let last = spans.indices.last, gap <= Self.maximumFilledGap {
                spans[last].length += gap + 1
                for _ in 0..<gap {
                    deltas.append(-previousCount)
                    previousCount = 0
                }
            } else {
                spans.append(Span(offset: gap, length: 1))
            }
            deltas.append(count - previousCount)
            previousCount = count
            nextIndex = index + 1
        }
        return (spans, deltas)
    }
}
