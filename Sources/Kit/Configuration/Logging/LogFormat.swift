internal import ArgumentParser

/// The format of log lines.
package enum LogFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// `ts=… level=… msg="…" key=value`
    case logfmt
    /// One JSON object with the same keys.
    case json

    /// One line without its newline, with the given pairs in order.
    func line(_ pairs: [(key: String, value: String)]) -> String {
        switch self {
        case .logfmt:
            pairs.map { "\($0.key)=\(Self.logfmtValue($0.value))" }.joined(separator: " ")
        case .json:
            "{" + pairs.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }.joined(separator: ",") + "}"
        }
    }

    private static func logfmtValue(_ value: String) -> String {
        let needsQuotes =
            value.isEmpty || value.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || breaksLines($0) }
        return needsQuotes ? quoted(value) : value
    }

    /// Whether a scalar is a control character, including those beyond ASCII, or a separator that some programs treat as a line break.
    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }

    /// A JSON string (RFC 8259 section 7), which logfmt parsers accept too. All control characters are escaped, so that external
    /// text cannot forge a log line.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where breaksLines(scalar):
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
