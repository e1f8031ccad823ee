/// The escapes of the text format 0.0.4 and of OpenMetrics 1.0, which agree on label values.
extension [UInt8] {
    /// Label values escape the backslash, the double quote and the line feed.
    mutating func append(escapingLabelValue value: String) {
        var value = value
        value.withUTF8 { append(escaping: $0, quote: true) }
    }

    /// Help texts escape the backslash and the line feed only.
    mutating func append(escapingHelp help: String) {
        var help = help
        help.withUTF8 { append(escaping: $0, quote: false) }
    }

    private mutating func append(escaping bytes: UnsafeBufferPointer<UInt8>, quote: Bool) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"):
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
            case UInt8(ascii: "\n"):
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\"") where quote:
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\"")])
            default:
                append(byte)
            }
        }
    }
}
