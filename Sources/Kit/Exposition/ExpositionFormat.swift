/// An exposition format: a syntax and its version.
package struct ExpositionFormat: Sendable, Hashable {
    /// The syntax of a body. The versions of a syntax do not differ in this program's output.
    package enum Syntax: Sendable, Hashable {
        /// Prometheus' text format.
        case text
        /// OpenMetrics' text format.
        case openMetrics
        /// Prometheus' messages in Protocol Buffers, each after its length.
        case protobuf
    }

    package let syntax: Syntax
    /// Nil for protobuf, which has no versions.
    package let version: String?
    /// The negotiated scheme for escaping characters that names could not contain before version 1.0.0. No name here contains
    /// such a character, so it only affects the content type.
    package let escaping: EscapingScheme?

    private init(_ syntax: Syntax, version: String?, escaping: EscapingScheme? = nil) {
        self.syntax = syntax
        self.version = version
        self.escaping = escaping
    }

    /// Prometheus' text format 0.0.4, which every client supports.
    package static let text = ExpositionFormat(.text, version: "0.0.4")
    /// Prometheus' text format 1.0.0.
    package static let text1 = ExpositionFormat(.text, version: "1.0.0")
    /// The draft version of OpenMetrics.
    package static let openMetrics0 = ExpositionFormat(.openMetrics, version: "0.0.1")
    /// OpenMetrics 1.0.
    package static let openMetrics = ExpositionFormat(.openMetrics, version: "1.0.0")
    /// Delimited messages of the type ``messageType``, the only format with start timestamps and native histograms.
    package static let protobuf = ExpositionFormat(.protobuf, version: nil)

    /// The parameter `proto` of protobuf's media type.
    package static let messageType = "io.prometheus.client.MetricFamily"
    /// The parameter `encoding` of protobuf's media type.
    package static let messageEncoding = "delimited"

    /// The format with an escaping scheme, which older versions do not support.
    package func escaping(_ scheme: EscapingScheme?) -> ExpositionFormat {
        version == "1.0.0" || syntax == .protobuf ? ExpositionFormat(syntax, version: version, escaping: scheme) : self
    }

    /// The media type without parameters.
    package var mediaType: String {
        switch syntax {
        case .text: "text/plain"
        case .openMetrics: "application/openmetrics-text"
        case .protobuf: "application/vnd.google.protobuf"
        }
    }

    /// The media type with the parameters that Prometheus' parsers require.
    package var contentType: String {
        let parameters =
            version.map { "version=\($0); charset=utf-8" } ?? "proto=\(Self.messageType); encoding=\(Self.messageEncoding)"
        return "\(mediaType); \(parameters)" + (escaping.map { "; escaping=\($0.rawValue)" } ?? "")
    }
}

/// How names with unusual characters are escaped, with the names from Prometheus' content negotiation.
package enum EscapingScheme: String, Sendable, Hashable {
    case allowUTF8 = "allow-utf-8"
    case underscores
    case dots
    case values
}

/// A content coding (RFC 9110 section 8.4.1), by its name in the header field `Content-Encoding`.
package enum ContentCoding: String, Sendable, Hashable {
    case identity
    case gzip

    /// The body for some segments, in pieces that share the segments' bytes.
    func pieces(of runs: [SegmentRun]) -> [BodyPiece] {
        switch self {
        case .identity: runs.flatMap { $0.segments.map { BodyPiece(plain: $0) } }
        case .gzip: GzipMember.pieces(of: runs)
        }
    }
}
