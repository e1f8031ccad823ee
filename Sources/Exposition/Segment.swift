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
