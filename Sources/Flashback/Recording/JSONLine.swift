/// Writes and reads an object on one line. The values of members are kept unchanged, byte by byte, because large numbers, duplicate names
/// and the order of fields in a recorded body matter.
package struct JSONLine {
    private var content: [UInt8] = []

    package init() {}

    /// The whole object.
    package var bytes: [UInt8] { [UInt8(ascii: "{")] + content + [UInt8(ascii: "}")] }

    package mutating func add(_ name: String, _ text: String) { add(name, json: Self.string(text)) }

    /// - Parameter json: a JSON value without line breaks.
    package mutating func add(_ name: String, json: [UInt8]) {
        if !content.isEmpty { content.append(UInt8(ascii: ",")) }
        content += Self.string(name) + [UInt8(ascii: ":")] + json
    }

    /// A text as a JSON string.
    package static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return bytes
    }

    /// Appends a text as a JSON string (RFC 8259 section 7).
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The positions of the values of an object's members, by name; of duplicates, the first one counts.
    /// - Parameter line: a valid JSON object.
    /// - Returns: nil when the line is not an object.
    static func members(of line: [UInt8]) -> [String: Range<Int>]? {
        var members: [String: Range<Int>] = [:]
        var (level, isInString, isEscaped) = (0, false, false)
        var (name, start): (String?, Int) = (nil, 0)
        for (index, byte) in line.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                level += 1
                if level == 1 { start = index + 1 }
            case UInt8(ascii: ":") where level == 1 && name == nil:
                name = trimmed(line, start..<index).map { String(decoding: line[$0].dropFirst().dropLast(), as: UTF8.self) }
                start = index + 1
            case UInt8(ascii: ",") where level == 1, UInt8(ascii: "}") where level == 1:
                if let name, members[name] == nil { members[name] = trimmed(line, start..<index) }
                (name, start) = (nil, index + 1)
                if byte == UInt8(ascii: "}") { level -= 1 }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): level -= 1
            default: break
            }
        }
        return level == 0 && !isInString ? members : nil
    }

    private static func trimmed(_ line: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var range = range
        while let first = range.first, line[first] <= 0x20 { range = (first + 1)..<range.upperBound }
        while let last = range.last, line[last] <= 0x20 { range = range.lowerBound..<last }
        return range.isEmpty ? nil : range
    }
}
