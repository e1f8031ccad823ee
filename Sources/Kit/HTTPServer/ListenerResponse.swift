package import HTTPTypes
package import NIOCore

/// What a handler answers. The listener sets `Content-Length` and leaves the body out of an answer to HEAD.
package struct ListenerResponse: Sendable {
    /// How the listener ends the response.
    package enum Ending: Sendable {
        /// The whole body is sent, and the connection serves the next request.
        case complete
        /// Half of the body is sent and the connection closed, as a server that dies would leave it.
        case brokenOff
    }

    package var status: HTTPResponse.Status
    package var headerFields: HTTPFields
    /// The body in pieces, sent one after the other: pieces that several responses share are not copied together.
    package var body: [ResponsePiece]
    package var ending = Ending.complete

    package init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [ResponsePiece]) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    package init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: [[UInt8]] = []) {
        self.init(status: status, headerFields: headerFields, body: body.map { ResponsePiece(ByteBuffer(bytes: $0)) })
    }

    /// An answer in one line of plain text.
    package static func text(
        _ status: HTTPResponse.Status, _ line: String, headerFields: HTTPFields = [:]
    ) -> ListenerResponse {
        var fields = headerFields
        fields[.contentType] = "text/plain; charset=utf-8"
        return ListenerResponse(status: status, headerFields: fields, body: [Array((line + "\n").utf8)])
    }
}

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

/// A part of a response's body.
package struct ResponsePiece: Sendable {
    /// How many bytes it has.
    package let byteCount: Int
    private let read: @Sendable () -> ByteBuffer

    /// A piece that is there.
    package init(_ bytes: ByteBuffer) {
        self.init(byteCount: bytes.readableBytes) { bytes }
    }

    /// A piece whose bytes are made when its turn has come.
    /// - Parameters:
    ///   - byteCount: how many they will be.
    ///   - read: makes them, on the event loop, and so must not take long.
    package init(byteCount: Int, read: @escaping @Sendable () -> ByteBuffer) {
        self.byteCount = byteCount
        self.read = read
    }

    package var bytes: ByteBuffer { read() }
}
