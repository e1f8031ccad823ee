/// Scheme, host and port of a request's URL, found without parsing the rest of it.
struct Origin {
    let text: Substring
    let isHTTPS: Bool
    let hasUserName: Bool

    /// Nil when the URL is not an absolute `http` or `https` one, or holds a byte that should have been percent-encoded:
    /// libcurl would stop at a zero byte and send the others.
    init?(of url: String) {
        var url = url
        // Every request comes through here, and the bytes themselves are gone through faster than the string's view of them.
        guard let found = url.withUTF8(Self.find) else { return nil }
        isHTTPS = found.isHTTPS
        hasUserName = found.hasUserName
        text = url[..<url.utf8.index(url.startIndex, offsetBy: found.length)]
    }

    private static func find(
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> (length: Int, isHTTPS: Bool, hasUserName: Bool)? {
        let isHTTPS = startsIgnoringCase(bytes, "https://")
        guard isHTTPS || startsIgnoringCase(bytes, "http://") else { return nil }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let rest = bytes[(isHTTPS ? 8 : 7)...]
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard !authority.isEmpty else { return nil }
        return (authority.endIndex, isHTTPS, authority.contains(UInt8(ascii: "@")))
    }

    private static func startsIgnoringCase(_ bytes: UnsafeBufferPointer<UInt8>, _ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { prefix in
            bytes.count >= prefix.count
                && zip(bytes, prefix).allSatisfy { byte, wanted in
                    byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
                }
        }
    }
}
