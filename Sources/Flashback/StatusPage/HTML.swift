/// A piece of HTML that can only be put together safely.
///
/// Markup stands in string literals of this program. What is put into them is other HTML, `\(table)`, or text, `\(text: name)`,
/// which is escaped so that it can stand between tags and in quoted attributes. A text that is known only at run time cannot become
/// markup, and a text that is not called one does not compile.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    fileprivate(set) var bytes: [UInt8]

    init(stringLiteral markup: StaticString) {
        bytes = markup.withUTF8Buffer { Array($0) }
    }

    init(stringInterpolation: StringInterpolation) {
        bytes = stringInterpolation.bytes
    }

    /// Pieces one after the other, with another between any two.
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
    /// Appends a text as it stands in HTML.
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
    /// The scalar itself, or what is shown for one that HTML does not allow or that would turn the text around it: for control
    /// characters the Unicode pictures of them, for the rest U+FFFD.
    fileprivate var shown: Unicode.Scalar {
        switch value {
        case 0...0x1F: Unicode.Scalar(0x2400 + value) ?? "\u{FFFD}"
        case 0x20...0x7E: self
        case 0x7F: "\u{2421}"
        // C1 controls, line and paragraph separators, and what embeds or overrides the direction of text (UAX #9).
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: self
        }
    }
}
