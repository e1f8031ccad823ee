/// Scheme, host and port of a request's URL, found without parsing the rest of it.
struct Origin {
    let text: Substring
    let isHTTPS: Bool
    let hasUserName: Bool

    /// Nil when the URL is not an absolute `http` or `https` one, or holds a byte that should have been percent-encoded:
    /// libcurl would stop at a zero byte and send the others.
    init?(of url: String) {
        let bytes = url.utf8
        let schemeLength: Int
        if Self.startsIgnoringCase(bytes, "https://") {
            isHTTPS = true
            schemeLength = 8
        } else if Self.startsIgnoringCase(bytes, "http://") {
            isHTTPS = false
            schemeLength = 7
        } else {
            return nil
        }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let start = bytes.index(bytes.startIndex, offsetBy: schemeLength)
        let end =
            bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
            ?? bytes.endIndex
        guard start < end else { return nil }
        text = url[..<end]
        hasUserName = bytes[start..<end].contains(UInt8(ascii: "@"))
    }

    private static func startsIgnoringCase(_ bytes: String.UTF8View, _ prefix: String) -> Bool {
        bytes.count >= prefix.utf8.count
            && zip(bytes, prefix.utf8).allSatisfy { byte, wanted in
                byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
            }
    }
}
