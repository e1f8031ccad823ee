internal import NIOCore

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
