/// A format in which metrics are exposed: a syntax in one of its versions.
package struct ExpositionFormat: Sendable, Hashable {
    /// How a body is written. The versions of a syntax do not differ in what this program writes.
    package enum Syntax: Sendable, Hashable {
        /// Prometheus' text format.
        case text
        /// OpenMetrics' text format.
        case openMetrics
    }

    package let syntax: Syntax
    package let version: String
    /// The scheme that stands for characters which names could not hold before version 1.0.0, where a scrape asked for one. No name
    /// here has such a character, so that it changes nothing but the content type.
    package let escaping: EscapingScheme?

    private init(_ syntax: Syntax, version: String, escaping: EscapingScheme? = nil) {
        self.syntax = syntax
        self.version = version
        self.escaping = escaping
    }

    /// Prometheus' text format 0.0.4, which every client reads.
    package static let text = ExpositionFormat(.text, version: "0.0.4")
    /// Prometheus' text format 1.0.0.
    package static let text1 = ExpositionFormat(.text, version: "1.0.0")
    /// OpenMetrics as it was before it was finished.
    package static let openMetrics0 = ExpositionFormat(.openMetrics, version: "0.0.1")
    /// OpenMetrics 1.0.
    package static let openMetrics = ExpositionFormat(.openMetrics, version: "1.0.0")

    /// The format with an escaping scheme, which the older versions do not know.
    package func escaping(_ scheme: EscapingScheme?) -> ExpositionFormat {
        version == "1.0.0" ? ExpositionFormat(syntax, version: version, escaping: scheme) : self
    }

    /// The media type without parameters.
    package var mediaType: String {
        switch syntax {
        case .text: "text/plain"
        case .openMetrics: "application/openmetrics-text"
        }
    }

    /// The media type, with the parameters that Prometheus' parsers want.
    package var contentType: String {
        "\(mediaType); version=\(version); charset=utf-8" + (escaping.map { "; escaping=\($0.rawValue)" } ?? "")
    }
}

/// How names with unusual characters are escaped, by the words of Prometheus' content negotiation.
package enum EscapingScheme: String, Sendable, Hashable {
    case allowUTF8 = "allow-utf-8"
    case underscores
    case dots
    case values
}

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
