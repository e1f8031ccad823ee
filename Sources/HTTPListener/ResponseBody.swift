internal import NIOCore

/// A response's body on its way out, cut into pieces no larger than a socket takes at once: a slow reader of a large body
/// costs one such piece, not a copy of the body.
struct ResponseBody {
    private static let pieceBytes = 64 * 1024

    let ending: ListenerResponse.Ending
    /// What `Content-Length` promises.
    let declaredBytes: Int
    private let chunks: [[UInt8]]
    private var chunk = 0
    private var offset = 0
    private var bytesLeft: Int

    init(_ chunks: [[UInt8]], ending: ListenerResponse.Ending) {
        self.chunks = chunks
        self.ending = ending
        declaredBytes = chunks.reduce(0) { $0 + $1.count }
        bytesLeft = ending == .brokenOff ? declaredBytes / 2 : declaredBytes
    }

    var isAtEnd: Bool { bytesLeft == 0 }

    /// The next piece, nil at the end.
    mutating func next(allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard bytesLeft > 0 else { return nil }
        var piece = allocator.buffer(capacity: min(bytesLeft, Self.pieceBytes))
        while bytesLeft > 0, piece.readableBytes < Self.pieceBytes {
            let size = min(chunks[chunk].count - offset, Self.pieceBytes - piece.readableBytes, bytesLeft)
            piece.writeBytes(chunks[chunk][offset..<offset + size])
            offset += size
            bytesLeft -= size
            if offset == chunks[chunk].count {
                chunk += 1
                offset = 0
            }
        }
        return piece
    }
}
