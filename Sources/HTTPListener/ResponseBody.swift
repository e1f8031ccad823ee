internal import NIOCore

/// A response's body on its way out, cut into pieces: those of a body that several responses share are slices of it, not copies.
struct ResponseBody {
    /// What is shorter is cheaper copied together with its neighbours than written by itself.
    private static let shortestSlice = 4 * 1024

    let ending: ListenerResponse.Ending
    /// What `Content-Length` promises.
    let declaredBytes: Int
    /// What is left after the chunk, the first to come last.
    private var pieces: [ResponsePiece]
    /// What is left of the piece that it has come to.
    private var chunk = ByteBuffer()
    private var bytesLeft: Int

    init(_ pieces: [ResponsePiece], ending: ListenerResponse.Ending) {
        self.pieces = pieces.reversed()
        self.ending = ending
        declaredBytes = pieces.reduce(0) { $0 + $1.byteCount }
        bytesLeft = ending == .brokenOff ? declaredBytes / 2 : declaredBytes
    }

    var isAtEnd: Bool { bytesLeft == 0 }

    /// The next piece, nil at the end.
    /// - Parameter limit: the most bytes that it may have.
    private mutating func next(upTo limit: Int, allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard bytesLeft > 0 else { return nil }
        let size = sizeOfSlice(upTo: limit)
        if size >= Self.shortestSlice || size == bytesLeft { return slice(size) }
        var piece = allocator.buffer(capacity: min(bytesLeft, limit, 2 * Self.shortestSlice))
        repeat {
            var slice = slice(sizeOfSlice(upTo: limit - piece.readableBytes))
            piece.writeBuffer(&slice)
        } while bytesLeft > 0 && piece.readableBytes < limit
            && sizeOfSlice(upTo: limit - piece.readableBytes) < Self.shortestSlice
        return piece
    }

    /// The next pieces, none at the end.
    /// - Parameter limit: the most bytes that they may have together.
    mutating func next(inAll limit: Int, allocator: ByteBufferAllocator) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var room = limit
        while room > 0, let piece = next(upTo: room, allocator: allocator) {
            room -= piece.readableBytes
            pieces.append(piece)
        }
        return pieces
    }

    /// How much of the chunk that it has come to can be sent at once.
    private mutating func sizeOfSlice(upTo limit: Int) -> Int {
        while chunk.readableBytes == 0, let piece = pieces.popLast() { chunk = piece.bytes }
        return min(chunk.readableBytes, bytesLeft, limit)
    }

    private mutating func slice(_ size: Int) -> ByteBuffer {
        bytesLeft -= size
        guard let slice = chunk.readSlice(length: size) else { preconditionFailure("a slice is no longer than what is left") }
        return slice
    }
}
