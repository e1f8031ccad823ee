internal import NIOCore

extension Sequence<ByteBuffer> {
    /// The body that comes in these pieces.
    package var bytes: [UInt8] { flatMap(\.readableBytesView) }
}
