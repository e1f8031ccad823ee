internal import NIOCore

/// A response's body on its way out, cut into pieces: those of a body that several responses share are slices of it, not copies.
struct ResponseBody {
    /// What is shorter is cheaper copied together with its neighbours than written by itself.
    private static let shortestSlice = 4 * 1024

    let ending: ListenerResponse.Ending
    /// What `Content-Length` promises.
    let declaredBytes: Int
    private let chunks: [ByteBuffer]
    private var chunk = 0
    private var offset = 0
    private var bytesLeft: Int

    init(_ chunks: [ByteBuffer], ending: ListenerResponse.Ending) {
        self.chunks = chunks.filter { $0.readableBytes > 0 }
        self.ending = ending
        declaredBytes = chunks.reduce(0) { $0 + $1.readableBytes }
        bytesLeft = ending == .brokenOff ? declaredBytes / 2 : declaredBytes
    }

    var isAtEnd: Bool { bytesLeft == 0 }

    /// The next piece, nil at the end.
    /// - Parameter limit: the most bytes that it may have.
    mutating func next(upTo limit: Int, allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard bytesLeft > 0 else { return nil }
        let size = sizeOfSlice(upTo: limit)
        if size >= Self.shortestSlice || size == bytesLeft { return slice(size) }
        var piece = allocator.buffer(capacity: min(bytesLeft, limit, 2 * Self.shortestSlice))
        repeat {
            var slice = slice(sizeOfSlice(upTo: limit - piece.readableBytes))
            piece.writeBuffer(&slice)
        } while bytesLeft > 0 && piece.readableBytes < limit && sizeOfSlice(upTo: limit - piece.readableBytes) < Self.shortestSlice
        return piece
    }

    /// How much of the chunk that it has come to can be sent at once.
    private func sizeOfSlice(upTo limit: Int) -> Int { min(chunks[chunk].readableBytes - offset, bytesLeft, limit) }

    private mutating func slice(_ size: Int) -> ByteBuffer {
        let bytes = chunks[chunk]
        // It is within the readable bytes.
        let slice = bytes.getSlice(at: bytes.readerIndex + offset, length: size)!
        offset += size
        bytesLeft -= size
        if offset == bytes.readableBytes {
            chunk += 1
            offset = 0
        }
        return slice
    }
}
