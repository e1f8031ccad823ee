internal import NIOConcurrencyHelpers
internal import NIOCore

/// A part of a body, deflated once: bodies of either coding are put together from segments.
///
/// Prometheus always asks for gzip, and the samples of many buckets are ten times as long without: the plain bytes are made again
/// when somebody asks for them, and kept for whoever asks next from the second time on: whoever asks for every snapshot once costs no
/// memory, and whoever asks for the same one over and over no time. Both are in buffers as they are written to a socket, where the
/// bytes of an array would first have to be copied into one.
package struct Segment: Sendable, Hashable {
    /// Shorter plain bytes are kept from the start: there is nothing to save.
    private static let shortest = 4 * 1024

    private struct Plain {
        var bytes: ByteBuffer?
        var wasAskedFor = false
    }

    /// As it stands in a deflate stream.
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

    /// This segment with its deflated bytes in another place.
    func moved(to place: ByteBuffer) -> Segment {
        Segment(deflated: place, check: check, plain: plain)
    }

    /// As it is without a coding.
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
    /// What they are deflated: the same bytes, in fewer pieces where several segments lie next to each other.
    private(set) var deflated: [ByteBuffer]
    /// That of all their bytes: put together once, and not for every body that they are in.
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
