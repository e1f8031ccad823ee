internal import NIOConcurrencyHelpers
internal import NIOCore

/// A part of a body, compressed once; bodies in any content coding are assembled from segments.
///
/// Prometheus always requests gzip, and the samples of many buckets are ten times as long uncompressed. The plain bytes are
/// therefore decompressed on request, and kept from the second request on: a client that requests every snapshot once costs no
/// memory, and one that requests the same snapshot repeatedly costs no time. Both forms are stored in the buffers that are
/// written to a socket; arrays would first have to be copied into one.
package struct Segment: Sendable, Hashable {
    /// Shorter plain bytes are always kept: there is nothing to save.
    private static let shortest = 4 * 1024

    private struct Plain {
        var bytes: ByteBuffer?
        var wasAskedFor = false
    }

    /// The bytes in a deflate stream.
    let deflated: ByteBuffer
    let check: CyclicRedundancyCheck
    private let plain: NIOLockedValueBox<Plain>

    init(_ bytes: [UInt8], deflater: Deflater) {
        deflated = deflater.deflate(bytes)
        check = CyclicRedundancyCheck(bytes)
        plain = NIOLockedValueBox(Plain(bytes: bytes.count < Self.shortest ? ByteBuffer(bytes: bytes) : nil))
    }

    private init(deflated: ByteBuffer, check: CyclicRedundancyCheck, plain: NIOLockedValueBox<Plain>) {
        self.deflated = deflated
        self.check = check
        self.plain = plain
    }

    /// This segment with its compressed bytes at another location.
    func moved(to place: ByteBuffer) -> Segment {
        Segment(deflated: place, check: check, plain: plain)
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
        left.check == right.check && left.deflated == right.deflated
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(check)
    }
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
        self.init([segment], deflated: [segment.deflated])
    }

    mutating func append(_ other: SegmentRun) {
        segments += other.segments
        deflated += other.deflated
        check.append(other.check)
    }
}
