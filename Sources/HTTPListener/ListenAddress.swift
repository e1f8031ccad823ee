/// An address to listen on, as Prometheus' own programs take it: `host:port`, `:port` for every interface, `[host]:port` for IPv6.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name or a numeric address; nil listens on every interface, IPv6 and IPv4.
    package let host: String?
    /// 0 lets the kernel choose a free port.
    package let port: Int

    package init(host: String?, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; nil when the text is not of that form or the port is not within 0…65535.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard !host.isEmpty else { return nil }
        } else if host.contains(where: { ":[] /".contains($0) }) {
            return nil
        }
        self.init(host: host.isEmpty ? nil : String(host), port: port)
    }

    package var description: String {
        let host = host ?? ""
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// `Int` alone would also take a sign.
    private static func port(_ text: Substring) -> Int? {
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let port = Int(text), port <= 65_535 else { return nil }
        return port
    }
}
