internal import Basics
internal import FoundationEssentials

/// The sample lines of one family and scope while they are being written.
struct SampleBuffer {
    /// The start of each line.
    private let start: LineStart
    private var segments: [Segment] = []
    /// The lines that are not in a segment yet.
    private var bytes: [UInt8] = []
    /// The details of these lines.
    private var details: [SampleDetail] = []

    init(_ start: LineStart) {
        self.start = start
    }

    /// Finishes writing and returns the segments.
    mutating func seal(_ deflater: Deflater) -> [Segment] {
        if !bytes.isEmpty { segments.append(Segment(bytes, details: details, deflater: deflater)) }
        deflater.giveBack(bytes)
        bytes = []
        details = []
        defer { segments = [] }
        return segments
    }

    /// Writes a line, and starts a new segment when there is enough data.
    mutating func append(
        _ labels: LabelBlock, _ more: LabelBlock, _ value: SampleValue, segmentBytes: Int, _ deflater: Deflater
    ) {
        if bytes.capacity == 0 { bytes = deflater.takeBuffer() }
        write(start, labels, more, value)
        if bytes.count < segmentBytes / 2 { return }
        if bytes.count < segmentBytes {
            // The array's own growth would double its capacity once more, and there are many buffers.
            bytes.reserveCapacity(segmentBytes + 1024)
        } else {
            segments.append(Segment(bytes, details: details, deflater: deflater))
            bytes.removeAll(keepingCapacity: true)
            details = []
        }
    }

    /// Adds the details of the next sample that its line does not contain.
    mutating func appendDetail(start: Date?, native: NativeHistogram? = nil) {
        details.append(SampleDetail(offset: bytes.count, start: start, native: native))
    }

    /// Writes a line with a different start.
    mutating func write(_ start: LineStart, _ labels: LabelBlock, _ more: LabelBlock, _ value: SampleValue) {
        if labels.bytes.isEmpty, more.bytes.isEmpty {
            bytes.append(copying: start.alone)
        } else {
            bytes.append(copying: start.beforeLabels)
            bytes.append(copying: labels.bytes)
            if !labels.bytes.isEmpty, !more.bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(copying: more.bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes.append(value)
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension [UInt8] {
    /// Appends bytes like `append(contentsOf:)`, but without updating the other array's reference count each time.
    fileprivate mutating func append(copying other: borrowing [UInt8]) {
        other.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
