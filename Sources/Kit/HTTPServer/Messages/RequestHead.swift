internal import HTTPTypes
internal import NIOHTTP1

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A validated request head.
struct RequestHead {
    /// The request; its target is in origin form.
    let request: HTTPRequest
    /// Whether the client waits for a 100 response before it sends the body (RFC 9110 section 10.1.1).
    let waitsForContinue: Bool

    /// Validates a head from NIO's decoder.
    /// - Throws: the refusal for a head that breaks a rule or a limit.
    init(_ head: HTTPRequestHead, _ limits: ListenerConfiguration) throws(Refusal) {
        guard head.headers.count <= limits.maximumHeaderFields else { throw .headTooLarge }
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue), let target = Target(head.uri) else {
            throw .invalidTarget
        }
        let host = try Self.host(of: head)
        request = HTTPRequest(
            method: method, scheme: nil, authority: target.authority.map { String($0) } ?? host, path: target.path,
            headerFields: HTTPFields(head.headers))

        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        let hasBody = length > 0 || head.headers.contains(name: "Transfer-Encoding")
        // HTTP/1.0 clients must not be sent interim responses (RFC 9110 section 15.2).
        waitsForContinue =
            hasBody && head.version != .http1_0 && head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
        if length > limits.maximumBodyBytes || (waitsForContinue && limits.maximumBodyBytes == 0) { throw .bodyTooLong }
    }

    /// The Host field: exactly one, optional only in HTTP/1.0 (RFC 9112 section 3.2).
    private static func host(of head: HTTPRequestHead) throws(Refusal) -> String? {
        let hosts = head.headers["Host"].map { $0.trimming { [" ", "\t"].contains($0) } }
        if hosts.isEmpty, head.version == .http1_0 { return nil }
        // Empty when the client's target has no authority.
        guard hosts.count == 1, hosts[0].isEmpty || isAuthority(hosts[0]) else { throw .invalidHost }
        return String(hosts[0])
    }

    /// Whether a text is a host with an optional port (RFC 3986 section 3.2).
    private static func isAuthority(_ text: some StringProtocol) -> Bool {
        guard text.hasPrefix("[") else {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return isName(parts[0].utf8) && (parts.count == 1 || isPort(parts[1].utf8))
        }
        guard let bracket = text.firstIndex(of: "]") else { return false }
        let rest = text[text.index(after: bracket)...]
        return isIPv6Address(String(text[..<bracket].dropFirst()))
            && (rest.isEmpty || (rest.hasPrefix(":") && isPort(rest.dropFirst().utf8)))
    }

    private static func isIPv6Address(_ text: String) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 4) { inet_pton(AF_INET6, text, $0.baseAddress) == 1 }
    }

    private static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                default: isDigit(byte) || "-._~%!$&'()*+,;=".utf8.contains(byte)
                }
            }
    }

    private static func isPort(_ bytes: some Collection<UInt8>) -> Bool { bytes.allSatisfy(isDigit) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// A request's target (RFC 9112 section 3.2).
    private struct Target {
        /// In origin form.
        let path: String
        /// Overrides Host; nil if the target has no authority.
        let authority: Substring?

        /// - Returns: nil when the target is invalid. Every server must accept the absolute form, which is used with proxies.
        init?(_ text: String) {
            if text.hasPrefix("/") || text == "*" {
                path = text
                authority = nil
                return
            }
            let lowercase = text.lowercased()
            guard let scheme = ["http://", "https://"].first(where: { lowercase.hasPrefix($0) }) else { return nil }
            let rest = text.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            guard RequestHead.isAuthority(authority) else { return nil }
            let path = rest[authority.endIndex...]
            self.path = path.hasPrefix("/") ? String(path) : "/" + path
            self.authority = authority
        }
    }
}

extension String {
    /// NIO's decoder leaves some white space around field values.
    fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> Substring {
        var rest = drop(while: isLeftOut)
        while let last = rest.last, isLeftOut(last) { rest.removeLast() }
        return rest
    }
}
