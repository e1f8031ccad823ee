#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The host and port of a URL, as error messages name them: without a user name or password, path or query.
struct Endpoint: CustomStringConvertible {
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

/// Whether a host is this machine: `localhost`, a name under it, or an address of the loopback network.
package enum LoopbackHost {
    /// - Parameter host: without a port; an IPv6 address with brackets or without.
    package static func contains(_ host: String) -> Bool {
        let host = host.lowercased()
        // With a dot at its end it is the same name (RFC 1034 section 3.1).
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
