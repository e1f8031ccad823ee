/// How a body is coded on its way (RFC 9110 section 8.4.1), by the word of the header field `Content-Encoding`.
package enum ContentCoding: String, Sendable, Hashable {
    case identity
    case gzip

    /// The body that segments come to, in pieces that are not copied.
    func pieces(of runs: [SegmentRun]) -> [BodyPiece] {
        switch self {
        case .identity: runs.flatMap { $0.segments.map { BodyPiece(plain: $0) } }
        case .gzip: GzipMember.pieces(of: runs)
        }
    }
}
