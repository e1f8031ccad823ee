/// The address of a bucket's provider, reduced to scheme, host and path: users also put user names, passwords and signatures into
/// addresses.
struct ProviderAddress: Hashable {
    private typealias Bytes = ArraySlice<UInt8>

    /// The original text without user information, query and fragment.
    let text: String

    /// The host with its port.
    var host: String {
        let bytes = Bytes(text.utf8)
        let rest = bytes[Self.scheme(of: bytes).endIndex...]
        return String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }

    /// Parses an address such as `https://s3.example.com/path`, `minio:9000` or `//host`.
    ///
    /// Fails when the parts cannot be determined with certainty. That includes an address with an `@` after the host: the "host"
    /// may be the first part of a password that contains a slash.
    init?(parsing written: String) {
        let bytes = Bytes(written.utf8)
        let scheme = Self.scheme(of: bytes)
        guard Self.isScheme(scheme) else { return nil }
        let rest = bytes[scheme.endIndex...]
        let authority = rest.prefix { !Self.isOne(of: "/?#", $0) }
        let afterAuthority = rest[authority.endIndex...]
        guard !afterAuthority.contains(UInt8(ascii: "@")) else { return nil }
        let address = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        let path = afterAuthority.prefix { !Self.isOne(of: "?#", $0) }
        guard Self.isAddress(address, mayBeAnyWord: !scheme.isEmpty), path.allSatisfy(Self.isOfPath) else { return nil }
        let isWhole = scheme.count + address.count + path.count == bytes.count
        text = isWhole ? written : String(decoding: scheme + address + path, as: UTF8.self)
    }

    /// The part before the host including the slashes; empty when there is only a host.
    private static func scheme(of bytes: Bytes) -> Bytes {
        let name = bytes.prefix { !isOne(of: "/?#@", $0) }
        // Later slashes belong to a path.
        return bytes[name.endIndex...].starts(with: "//".utf8) ? bytes[..<(name.endIndex + 2)] : bytes[..<bytes.startIndex]
    }

    /// Whether the bytes are like `https://`, `//` or empty (RFC 3986 section 3.1).
    private static func isScheme(_ bytes: Bytes) -> Bool {
        let name = bytes.dropLast(2)
        guard let first = name.first else { return true }
        return name.last == UInt8(ascii: ":") && isLetter(first)
            && name.dropLast().allSatisfy { isLetter($0) || isDigit($0) || isOne(of: "+-.", $0) }
    }

    /// Whether the bytes are a host with an optional port.
    /// - Parameter mayBeAnyWord: whether any word is accepted as the host, because a scheme precedes it; otherwise it needs a dot
    ///   or a port.
    private static func isAddress(_ bytes: Bytes, mayBeAnyWord: Bool) -> Bool {
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let host = bytes.prefix { $0 != (isBracketed ? UInt8(ascii: "]") : UInt8(ascii: ":")) }
        let port = bytes[host.endIndex...].dropFirst()
        guard bytes[host.endIndex...].first != nil || !isBracketed else { return false }
        if isBracketed {
            let digits = host.dropFirst()
            guard !digits.isEmpty, digits.allSatisfy({ isHexadecimal($0) || isOne(of: ":.", $0) }) else { return false }
            return port.isEmpty || port.first == UInt8(ascii: ":") && isPort(port.dropFirst())
        }
        let hasPort = host.count < bytes.count
        return host.contains { isLetter($0) || isDigit($0) }
            && host.allSatisfy { isLetter($0) || isDigit($0) || isOne(of: "-._", $0) } && (!hasPort || isPort(port))
            && (mayBeAnyWord || hasPort || host.contains(UInt8(ascii: ".")))
    }

    private static func isPort(_ bytes: Bytes) -> Bool { (1...5).contains(bytes.count) && bytes.allSatisfy(isDigit) }

    private static func isOfPath(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || isOne(of: "/-._~", byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isOne(of characters: StaticString, _ byte: UInt8) -> Bool {
        characters.withUTF8Buffer { $0.contains(byte) }
    }
}
