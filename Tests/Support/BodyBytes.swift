internal import Exposition
internal import HTTPServer
internal import NIOCore

extension Sequence<BodyPiece> {
    /// The bytes of a body in pieces.
    package var bytes: [UInt8] { flatMap(\.bytes.readableBytesView) }
}

extension Sequence<ResponsePiece> {
    /// The bytes of a body in pieces.
    package var bytes: [UInt8] { flatMap(\.bytes.readableBytesView) }
}
