internal import Basics
internal import FoundationEssentials
internal import NIOCore

/// The parts of a sample in protobuf that its line in the text formats does not contain.
struct SampleDetail: Sendable, Hashable {
    /// The position of the sample's line, or of the first line of a histogram, in its segment.
    let offset: Int
    /// When the counter or histogram started at 0.
    let start: Date?
    let native: NativeHistogram?
}

/// Rewrites sample lines as elements of the field `metric` in a family's message.
///
/// Samples are kept as lines, which most clients request. They are rewritten only for a client that requests protobuf, once for each
/// segment: always writing both forms would cost all other clients half as much time and memory again.
struct ProtobufSamples {
    private let type: MetricType
    private var details: ArraySlice<SampleDetail>
    private var bytes: [UInt8] = []
    /// The fields of the metric being written.
    private var metric: [UInt8] = []
    /// The position of the first line of the histogram being written; nil between histograms.
    private var histogramOffset: Int?
    /// Its buckets.
    private var buckets: [UInt8] = []
    private var sum = 0.0

    /// - Parameter lines: complete lines as ``SampleBuffer`` writes them.
    static func bytes(of lines: ByteBuffer, type: MetricType, details: [SampleDetail]) -> [UInt8] {
        var samples = ProtobufSamples(type: type, details: details[...])
        // A label takes about as many bytes in both formats, and only the metric's name is omitted.
        samples.bytes.reserveCapacity(lines.readableBytes + lines.readableBytes / 8)
        lines.withUnsafeReadableBytes { bytes in
            var rest = SampleLines(bytes)
            while !rest.isAtEnd { samples.append(&rest) }
        }
        return samples.bytes
    }

    private init(type: MetricType, details: ArraySlice<SampleDetail>) {
        self.type = type
        self.details = details
    }

    private mutating func append(_ lines: inout SampleLines) {
        let offset = lines.offset
        metric.removeAll(keepingCapacity: true)
        let name = lines.takeName()
        let bound = lines.takeLabels(of: type, to: &metric)
        let value = lines.takeValue()
        switch type {
        case .gauge, .info:
            append(MetricField.Metric.gauge, value: value, start: nil)
        case .counter:
            append(MetricField.Metric.counter, value: value, start: takeDetail(at: offset)?.start)
        case .histogram:
            if histogramOffset == nil { histogramOffset = offset }
            appendHistogram(name, bound: bound, value)
        }
    }

    private mutating func takeDetail(at offset: Int) -> SampleDetail? {
        details.first?.offset == offset ? details.popFirst() : nil
    }

    private mutating func append(_ field: UInt8, value: Double, start: Date?) {
        if let start {
            metric.append(field) { counter in
                counter.append(MetricField.Counter.value, double: value)
                counter.append(MetricField.Counter.created, timestamp: start)
            }
        } else {
            // Written without an array of its own: there are millions of these. A gauge's value has the same field number as a counter's.
            metric.append(field, bytesCounted: 9)
            metric.append(MetricField.Gauge.value, double: value)
        }
        endMetric()
    }

    private mutating func endMetric() {
        bytes.append(MetricField.Family.metric, bytesCounted: metric.count)
        metric.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Adds a line of a histogram: one of its buckets, its sum, or finally its count.
    private mutating func appendHistogram(_ name: UnsafeRawBufferPointer.SubSequence, bound: Double?, _ value: Double) {
        func ends(_ ending: StaticString) -> Bool {
            ending.withUTF8Buffer { name.suffix($0.count).elementsEqual($0) }
        }
        if ends("_bucket"), let bound {
            // The last bucket has the count of all values and is not sent.
            if bound == .infinity { return }
            buckets.append(MetricField.Histogram.bucket) { bucket in
                bucket.append(MetricField.Bucket.cumulativeCount, unsigned: UInt64(value))
                bucket.append(MetricField.Bucket.upperBound, double: bound)
            }
        } else if ends("_sum") {
            sum = value
        } else {
            let detail = histogramOffset.flatMap { takeDetail(at: $0) }
            var message: [UInt8] = []
            message.append(MetricField.Histogram.count, unsigned: UInt64(value))
            message.append(MetricField.Histogram.sum, double: sum)
            message += buckets
            if let native = detail?.native { message.append(native) }
            if let start = detail?.start { message.append(MetricField.Histogram.created, timestamp: start) }
            metric.append(MetricField.Metric.histogram, bytes: message)
            endMetric()
            histogramOffset = nil
            buckets = []
        }
    }
}
