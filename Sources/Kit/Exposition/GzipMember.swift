internal import CISAL
internal import CZlib
package import NIOCore

/// An ordinary gzip member (RFC 1952), assembled from compressed segments.
enum GzipMember {
    /// Deflate, no flags, no time, the fastest algorithm (4), an unknown system (255).
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255]
    /// An empty final block, since none of the segments' blocks is final (RFC 1951 section 3.2.6).
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

/// A part of a response body; its bytes may be created on demand.
package struct BodyPiece: Sendable {
    package let byteCount: Int
    private let read: @Sendable () -> ByteBuffer

    /// A piece whose bytes exist already.
    init(_ bytes: ByteBuffer) {
        byteCount = bytes.readableBytes
        read = { bytes }
    }

    /// An uncompressed segment, decompressed on demand, so that the whole body is never in memory while it is sent.
    init(plain segment: Segment) {
        byteCount = segment.check.byteCount
        read = { segment.bytes }
    }

    /// The bytes, created now if necessary.
    package var bytes: ByteBuffer { read() }
}

/// The CRC-32 and the length of some bytes, as at the end of a gzip member (RFC 1952 section 2.3.1).
struct CyclicRedundancyCheck: Sendable, Hashable {
    private(set) var value: UInt32 = 0
    private(set) var byteCount = 0

    /// The checksum of no bytes.
    init() {}

    init(_ bytes: [UInt8]) {
        value = bytes.withUnsafeBufferPointer { crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) }
        byteCount = bytes.count
    }

    /// Appends another checksum. The result is the checksum of the concatenated bytes, computed without reading them.
    mutating func append(_ other: CyclicRedundancyCheck) {
        value = UInt32(truncatingIfNeeded: crc32_combine(uLong(value), uLong(other.value), other.byteCount))
        byteCount += other.byteCount
    }
}
