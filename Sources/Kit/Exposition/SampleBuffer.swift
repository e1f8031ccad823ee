/// The sample lines of one family and scope so far.
struct SampleBuffer {
    /// What each line begins with.
    private let start: LineStart
    private var segments: [Segment] = []
    /// What is in no segment yet.
    private var bytes: [UInt8] = []

    init(_ start: LineStart) {
        self.start = start
    }

    /// Ends what is written, and gives it as segments.
    mutating func seal(_ deflater: Deflater) -> [Segment] {
        if !bytes.isEmpty { segments.append(Segment(bytes, deflater: deflater)) }
        deflater.giveBack(bytes)
        bytes = []
        defer { segments = [] }
        return segments
    }

    /// Writes a line, and makes a segment of what is in none yet if there is enough of it.
    mutating func append(
        _ labels: LabelBlock, _ more: LabelBlock, _ value: SampleValue, segmentBytes: Int, _ deflater: Deflater
    ) {
        if bytes.capacity == 0 { bytes = deflater.takeBuffer() }
        write(start, labels, more, value)
        if bytes.count < segmentBytes / 2 { return }
        if bytes.count < segmentBytes {
            // An array by itself would double once more, and there are many buffers.
            bytes.reserveCapacity(segmentBytes + 1024)
        } else {
            segments.append(Segment(bytes, deflater: deflater))
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Writes a line that begins otherwise.
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
    /// Appends bytes as `append(contentsOf:)` does, which would count a reference to the other array each time.
    fileprivate mutating func append(copying other: borrowing [UInt8]) {
        other.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
