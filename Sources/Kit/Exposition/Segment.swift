internal import NIOConcurrencyHelpers
internal import NIOCore

/// A part of a body, compressed once; bodies in any content coding are assembled from segments.
///
/// Prometheus always requests gzip, and the samples of many buckets are ten times as long uncompressed. The plain bytes are therefore
/// decompressed on request, and kept from the second request on. A client that requests every snapshot once costs no memory, and one that
/// requests the same snapshot repeatedly costs no time. Both forms are stored in the kind of buffers that are written to a socket; arrays
/// would first have to be copied into such a buffer.
package struct Segment: Sendable, Hashable {
    /// Plain bytes up to this length are always kept: discarding them would save nothing.
    private static let alwaysKeptBytes = 4 * 1024

    private struct Plain {
        var bytes: ByteBuffer?
        var wasAskedFor = false
    }

    /// The bytes in a deflate stream.
    let deflated: ByteBuffer
    let check: CyclicRedundancyCheck
    private let plain: NIOLockedValueBox<Plain>
    private let details: [SampleDetail]
    private let protobuf: Kept<Segment>

    /// - Parameter details: the details of samples whose lines do not contain everything.
    init(_ bytes: [UInt8], details: [SampleDetail] = [], deflater: Deflater) {
        self.details = details
        protobuf = Kept()
        deflated = deflater.deflate(bytes)
        check = CyclicRedundancyCheck(bytes)
        plain = NIOLockedValueBox(Plain(bytes: bytes.count < Self.alwaysKeptBytes ? ByteBuffer(bytes: bytes) : nil))
    }

    private init(_ other: Segment, deflated: ByteBuffer) {
        self.deflated = deflated
        check = other.check
        plain = other.plain
        details = other.details
        protobuf = other.protobuf
    }

    /// This segment with its compressed bytes at another location.
    func moved(to place: ByteBuffer) -> Segment {
        Segment(self, deflated: place)
    }

    /// Whether ``protobuf(of:deflater:)`` returns at once.
    var isInProtobuf: Bool { protobuf.isMade }

    /// The samples of this segment's lines in protobuf, created on first use and kept as long as this segment.
    /// - Parameter type: the type of their family.
    func protobuf(of type: MetricType, deflater: Deflater) -> Segment {
        protobuf.value {
            // Not `bytes`, which would keep the lines for the next client that requests them.
            let lines = plain.withLockedValue { $0.bytes } ?? Inflation.bytes(of: deflated, count: check.byteCount)
            return Segment(ProtobufSamples.bytes(of: lines, type: type, details: details), deflater: deflater)
        }
    }

    /// The uncompressed bytes.
    var bytes: ByteBuffer {
        plain.withLockedValue { plain in
            if let bytes = plain.bytes { return bytes }
            let inflated = Inflation.bytes(of: deflated, count: check.byteCount)
            if plain.wasAskedFor { plain.bytes = inflated }
            plain.wasAskedFor = true
            return inflated
        }
    }

    package static func == (left: Segment, right: Segment) -> Bool {
        left.check == right.check && left.deflated == right.deflated && left.details == right.details
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(check)
    }
}

/// A value that is created when it is first needed and then kept for all copies of this value.
struct Kept<Value: Sendable>: Sendable, Hashable {
    private let box = NIOLockedValueBox<Value?>(nil)

    var isMade: Bool { box.withLockedValue { $0 != nil } }

    func value(_ make: () -> Value) -> Value {
        box.withLockedValue { value in
            if let value { return value }
            let made = make()
            value = made
            return made
        }
    }

    /// Always true, because the values beside it determine it.
    static func == (left: Kept, right: Kept) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}

/// Segments that always follow each other, such as the samples of one family and scope.
struct SegmentRun: Sendable, Hashable {
    private(set) var segments: [Segment]
    /// The compressed bytes, in fewer pieces where segments are contiguous.
    private(set) var deflated: [ByteBuffer]
    /// The checksum of all bytes, computed once instead of for every body.
    private(set) var check = CyclicRedundancyCheck()

    init(_ segments: [Segment], deflated: [ByteBuffer]) {
        self.segments = segments
        self.deflated = deflated
        for segment in segments { check.append(segment.check) }
    }

    /// - Parameter deflated: the bytes of all runs.
    init(joining runs: [SegmentRun], deflated: [ByteBuffer]) {
        segments = runs.flatMap(\.segments)
        self.deflated = deflated
        for run in runs { check.append(run.check) }
    }

    init(_ segment: Segment) {
        self.init([segment])
    }

    init(_ segments: [Segment]) {
        self.init(segments, deflated: segments.map(\.deflated))
    }

    mutating func append(_ other: SegmentRun) {
        segments += other.segments
        deflated += other.deflated
        check.append(other.check)
    }
}
