package import NIOCore

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
