/// Texts that break careless code: quotes, backslashes, line ends, control characters, NUL, emoji, combining marks, and replacement
/// characters from invalid UTF-8.
package enum HostileText {
    private static let pieces: [String] = [
        "\"", "\\", "\n", "\r", "\r\n", "\t", "\0", "\u{1}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{202E}",
        "{", "}", ",", "=", "#", " ", "# HELP x", "\\n", "\\\"", "a", "Z", "é", "e\u{301}", "\u{301}", "🦊", "👩‍👩‍👧", "\u{10FFFF}", "",
    ]

    /// A random text; about every third contains bytes that were not UTF-8 and were repaired.
    package static func random(using generator: inout SeededGenerator) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            bytes += Array((pieces.randomElement(using: &generator) ?? "").utf8)
            if Int.random(in: 0..<20, using: &generator) == 0 { bytes.append(UInt8.random(in: 0x80...0xFF, using: &generator)) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
