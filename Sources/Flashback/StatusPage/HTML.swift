/// An HTML fragment that can only be composed safely.
///
/// Markup comes from string literals of this program. They may interpolate other HTML, `\(table)`, or text, `\(text: name)`,
/// which is escaped for use between tags and in quoted attributes. Run-time text cannot become markup, and text without the label
/// does not compile.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    fileprivate(set) var bytes: [UInt8]

    init(stringLiteral markup: StaticString) {
        bytes = markup.withUTF8Buffer { Array($0) }
    }

    init(stringInterpolation: StringInterpolation) {
        bytes = stringInterpolation.bytes
    }

    /// Joins fragments with a separator.
    init(_ pieces: [HTML], separatedBy separator: HTML) {
        bytes = Array(pieces.map(\.bytes).joined(separator: separator.bytes))
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var bytes: [UInt8] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + interpolationCount * 32)
        }

        mutating func appendLiteral(_ markup: StaticString) {
            markup.withUTF8Buffer { bytes.append(contentsOf: $0) }
        }

        mutating func appendInterpolation(_ html: HTML) {
            bytes += html.bytes
        }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { bytes += piece.bytes }
        }

        mutating func appendInterpolation(text: String) {
            bytes.append(escaping: text)
        }
    }
}

extension [UInt8] {
    /// Appends escaped text.
    fileprivate mutating func append(escaping text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": append(contentsOf: "&amp;".utf8)
            case "<": append(contentsOf: "&lt;".utf8)
            case ">": append(contentsOf: "&gt;".utf8)
            case "\"": append(contentsOf: "&quot;".utf8)
            case "'": append(contentsOf: "&#39;".utf8)
            default: append(contentsOf: UTF8.encode(scalar.shown) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }
}

extension Unicode.Scalar {
    /// The scalar itself, or a replacement for one that HTML does not allow or that affects text direction: control characters
    /// become their Unicode pictures, the others U+FFFD.
    fileprivate var shown: Unicode.Scalar {
        switch value {
        case 0...0x1F: Unicode.Scalar(0x2400 + value) ?? "\u{FFFD}"
        case 0x20...0x7E: self
        case 0x7F: "\u{2421}"
        // C1 controls, line and paragraph separators, and directional embeddings, overrides and isolates (UAX #9).
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: self
        }
    }
}
