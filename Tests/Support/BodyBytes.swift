internal import Exposition
internal import HTTPServer
internal import NIOCore

extension Sequence<BodyPiece> {
    /// The body that comes in these pieces.
    package var bytes: [UInt8] { flatMap(\.bytes.readableBytesView) }
}

extension Sequence<ResponsePiece> {
    /// The body that comes in these pieces.
    package var bytes: [UInt8] { flatMap(\.bytes.readableBytesView) }
}
