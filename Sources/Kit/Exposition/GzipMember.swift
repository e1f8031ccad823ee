internal import CISAL
internal import CZlib
package import NIOCore

/// One ordinary gzip member (RFC 1952), put together from segments that were deflated before.
enum GzipMember {
    /// Deflate, no flags, no time, the fastest algorithm (4), an unknown system (255).
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255]
    /// The segments' blocks are none of them the last: an empty one is (RFC 1951 section 3.2.6).
    private static let lastBlock: [UInt8] = [3, 0]

    static func pieces(of runs: [SegmentRun]) -> [BodyPiece] {
        var check = CyclicRedundancyCheck()
        var pieces = [BodyPiece(ByteBuffer(bytes: header))]
        for run in runs {
            check.append(run.check)
            for piece in run.deflated { pieces.append(BodyPiece(piece)) }
        }
        let trailer = lastBlock + littleEndian(check.value) + littleEndian(UInt32(truncatingIfNeeded: check.byteCount))
        pieces.append(BodyPiece(ByteBuffer(bytes: trailer)))
        return pieces
    }

    private static func littleEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}

/// A part of a body, which may have its bytes only when they are asked for.
package struct BodyPiece: Sendable {
    /// How many bytes it has.
    package let byteCount: Int
    private let read: @Sendable () -> ByteBuffer

    /// A piece that is there.
    init(_ bytes: ByteBuffer) {
        byteCount = bytes.readableBytes
        read = { bytes }
    }

    /// A segment without a coding, inflated when it is asked for, so that a body is not in memory as a whole while it is sent.
    init(plain segment: Segment) {
        byteCount = segment.check.byteCount
        read = { segment.bytes }
    }

    /// The bytes, made now or there already.
    package var bytes: ByteBuffer { read() }
}

/// The CRC-32 of some bytes, with their number: what a gzip member ends with (RFC 1952 section 2.3.1).
struct CyclicRedundancyCheck: Sendable, Hashable {
    private(set) var value: UInt32 = 0
    private(set) var byteCount = 0

    /// That of no bytes.
    init() {}

    init(_ bytes: [UInt8]) {
        value = bytes.withUnsafeBufferPointer { crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) }
        byteCount = bytes.count
    }

    /// Makes it that of its own bytes followed by those of another, without reading either.
    mutating func append(_ other: CyclicRedundancyCheck) {
        value = UInt32(truncatingIfNeeded: crc32_combine(uLong(value), uLong(other.value), other.byteCount))
        byteCount += other.byteCount
    }
}
