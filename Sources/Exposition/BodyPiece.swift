package import NIOCore

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
