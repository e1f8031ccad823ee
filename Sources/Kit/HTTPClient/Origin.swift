#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The scheme, host and port of a request's URL, found without parsing the rest.
struct Origin {
    let text: Substring
    let isHTTPS: Bool
    let hasUserName: Bool

    /// Nil when the URL is not an absolute `http` or `https` URL, or contains a byte that should have been percent-encoded:
    /// libcurl would stop at a zero byte and send the others.
    init?(of url: String) {
        var url = url
        // Hot path: scanning the bytes directly is faster than the string's UTF-8 view.
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

/// The host and port of a URL for error messages: without user name, password, path or query.
struct Authority: CustomStringConvertible {
    /// `host` or `host:port`.
    let description: String
    let host: String

    init(of url: String) {
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = afterScheme.prefix { !"/?#".contains($0) }
        let address = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        description = address.isEmpty ? "the server" : String(address)
        host = String(address.hasPrefix("[") ? address.dropFirst().prefix { $0 != "]" } : address.prefix { $0 != ":" })
    }
}

/// Recognizes this machine: `localhost`, names below it, and loopback addresses.
package enum LoopbackHost {
    /// - Parameter host: without a port; an IPv6 address with or without brackets.
    package static func contains(_ host: String) -> Bool {
        let host = host.lowercased()
        // A trailing dot does not change the name (RFC 1034 section 3.1).
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: four) { $0[0] == 127 } }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard inet_pton(AF_INET6, bare, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { bytes in
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF && bytes[12] == 127
            return isMapped || bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
        }
    }
}
