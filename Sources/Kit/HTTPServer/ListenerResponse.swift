package import HTTPTypes
package import NIOCore

/// A handler's response. The listener sets `Content-Length` and omits the body in answers to HEAD.
package struct ListenerResponse: Sendable {
    /// How the listener ends the response.
    package enum Ending: Sendable {
        /// The whole body is sent, and the connection can be reused.
        case complete
        /// Half of the body is sent and the connection closed, as if the server had crashed.
        case brokenOff
    }

    package var status: HTTPResponse.Status
    package var headerFields: HTTPFields
    /// The body in pieces, sent in order: pieces shared by several responses are not copied.
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

    /// A response with one line of plain text.
    package static func text(
        _ status: HTTPResponse.Status, _ line: String, headerFields: HTTPFields = [:]
    ) -> ListenerResponse {
        var fields = headerFields
        fields[.contentType] = "text/plain; charset=utf-8"
        return ListenerResponse(status: status, headerFields: fields, body: [Array((line + "\n").utf8)])
    }
}

/// A response's body while it is being sent, cut into pieces that are slices of the original, not copies.
struct ResponseBody {
    /// Shorter pieces are cheaper to copy together with their neighbours than to write separately.
    private static let minimumSliceBytes = 4 * 1024

    let ending: ListenerResponse.Ending
    /// The value for `Content-Length`.
    let declaredBytes: Int
    /// The pieces after the current chunk, in reverse order.
    private var pieces: [ResponsePiece]
    /// The rest of the current piece.
    private var chunk = ByteBuffer()
    private var bytesLeft: Int

    init(_ pieces: [ResponsePiece], ending: ListenerResponse.Ending) {
        self.pieces = pieces.reversed()
        self.ending = ending
        declaredBytes = pieces.reduce(0) { $0 + $1.byteCount }
        bytesLeft = ending == .brokenOff ? declaredBytes / 2 : declaredBytes
    }

    var isAtEnd: Bool { bytesLeft == 0 }

    /// The next piece; nil at the end.
    /// - Parameter limit: its maximum size in bytes.
    private mutating func next(upTo limit: Int, allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard bytesLeft > 0 else { return nil }
        let size = sizeOfSlice(upTo: limit)
        if size >= Self.minimumSliceBytes || size == bytesLeft { return slice(size) }
        var piece = allocator.buffer(capacity: min(bytesLeft, limit, 2 * Self.minimumSliceBytes))
        repeat {
            var slice = slice(sizeOfSlice(upTo: limit - piece.readableBytes))
            piece.writeBuffer(&slice)
        } while bytesLeft > 0 && piece.readableBytes < limit
            && sizeOfSlice(upTo: limit - piece.readableBytes) < Self.minimumSliceBytes
        return piece
    }

    /// The next pieces; empty at the end.
    /// - Parameter limit: their maximum total size in bytes.
    mutating func next(inAll limit: Int, allocator: ByteBufferAllocator) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var room = limit
        while room > 0, let piece = next(upTo: room, allocator: allocator) {
            room -= piece.readableBytes
            pieces.append(piece)
        }
        return pieces
    }

    /// How much of the current chunk can be sent as one slice.
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
    package let byteCount: Int
    private let read: @Sendable () -> ByteBuffer

    /// A piece whose bytes exist already.
    package init(_ bytes: ByteBuffer) {
        self.init(byteCount: bytes.readableBytes) { bytes }
    }

    /// A piece whose bytes are created when they are sent.
    /// - Parameters:
    ///   - byteCount: the number of bytes.
    ///   - read: creates them on the event loop, so it must be fast.
    package init(byteCount: Int, read: @escaping @Sendable () -> ByteBuffer) {
        self.byteCount = byteCount
        self.read = read
    }

    package var bytes: ByteBuffer { read() }
}
