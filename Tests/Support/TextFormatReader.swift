/// Reads one line of text format 0.0.4 byte by byte.
struct TextFormatReader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            guard rest.starts(with: expected) else { return false }
            rest = rest.dropFirst(expected.count)
            return true
        }
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    mutating func name(colons: Bool = true) -> String? {
        let bytes = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
        guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest = rest.dropFirst(bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The rest of the line, which is one word.
    mutating func word() -> String? {
        defer { rest = [] }
        return rest.isEmpty || rest.contains(UInt8(ascii: " ")) ? nil : String(validating: rest, as: UTF8.self)
    }

    /// The rest of the line with `\\` and `\n` as their characters.
    mutating func helpText() -> String? {
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\\") {
                bytes.append(byte)
            } else if take("\\") {
                bytes.append(UInt8(ascii: "\\"))
            } else if take("n") {
                bytes.append(UInt8(ascii: "\n"))
            } else {
                return nil
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    mutating func sample() -> ParsedExposition.Sample? {
        guard let name = name() else { return nil }
        var labels: [String: String] = [:]
        if take("{") {
            repeat {
                guard let label = self.name(colons: false), take("=\""), let value = labelValue() else { return nil }
                guard labels.updateValue(value, forKey: label) == nil else { return nil }
            } while take(",")
            guard take("}") else { return nil }
        }
        guard take(" "), let text = word(), let value = Self.number(text) else { return nil }
        return ParsedExposition.Sample(name: name, labels: labels, text: text, value: value)
    }

    /// The text after the opening quote, including the closing one.
    private mutating func labelValue() -> String? {
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(validating: bytes, as: UTF8.self) }
            if byte != UInt8(ascii: "\\") {
                bytes.append(byte)
            } else if take("\\") {
                bytes.append(UInt8(ascii: "\\"))
            } else if take("n") {
                bytes.append(UInt8(ascii: "\n"))
            } else if take("\"") {
                bytes.append(UInt8(ascii: "\""))
            } else {
                return nil
            }
        }
        return nil
    }

    /// Parses what Go's `ParseFloat` accepts among the possible outputs; it does not accept Swift's names of special values.
    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            guard text.allSatisfy({ "0123456789+-.eE".contains($0) }) else { return nil }
            return Double(text)
        }
    }
}
