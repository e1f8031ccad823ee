/// The text of a JSON string (RFC 8259 section 7).
struct JSONText {
    /// Invalid UTF-8 is replaced with U+FFFD, so that one bad name does not make the whole list unreadable.
    let string: String
    /// Whether invalid UTF-8 was replaced. A repaired text must not be used as an identifier: two different ones could become
    /// equal.
    let isRepaired: Bool

    /// - Parameter bytes: without escapes.
    init(_ bytes: ArraySlice<UInt8>) {
        // Faster than `String(validating:as:)`, which is not specialized for bytes.
        string = String(decoding: bytes, as: UTF8.self)
        isRepaired = !string.utf8.elementsEqual(bytes)
    }

    /// - Returns: nil for an invalid escape, half of a surrogate pair, or an unescaped control character.
    init?(unescaping bytes: ArraySlice<UInt8>) {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte >= 0x20 else { return nil }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = Self.scalar(&rest) else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            default: return nil
            }
        }
        self.init(text[...])
    }

    /// Decodes what follows `\u`: four digits, or a surrogate pair.
    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let unit = codeUnit(&rest) else { return nil }
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
        guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"), let trail = codeUnit(&rest),
            UTF16.isTrailSurrogate(trail)
        else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)))
    }

    private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = rest.popFirst(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                return nil
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
