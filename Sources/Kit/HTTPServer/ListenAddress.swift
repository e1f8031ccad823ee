internal import NIOCore

/// An address to listen on, in the format of Prometheus' own programs: `host:port`, `:port` for every interface, `[host]:port`
/// for IPv6.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name or a numeric address; nil for every interface, IPv6 and IPv4.
    package let host: String?
    /// 0 lets the kernel choose a free port.
    package let port: Int
    /// The path of a Unix domain socket, which has no host and no port. Such sockets can only be inherited, not opened here.
    package let socketPath: String?

    package init(host: String?, port: Int) {
        self.host = host
        self.port = port
        socketPath = nil
    }

    private init(socketPath: String) {
        host = nil
        port = 0
        self.socketPath = socketPath
    }

    /// A Unix domain socket.
    package static func socketFile(_ path: String) -> ListenAddress { ListenAddress(socketPath: path) }

    /// Parses `host:port`; nil when the text has another form or the port is not within 0…65535.
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
        if let socketPath { return socketPath }
        let host = host ?? ""
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// `Int` alone would also accept a sign.
    private static func port(_ text: Substring) -> Int? {
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let port = Int(text), port <= 65_535 else { return nil }
        return port
    }

    /// The address of an inherited socket.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4, .v6: self.init(host: address?.ipAddress, port: address?.port ?? 0)
        case .unixDomainSocket: self.init(socketPath: address?.pathname ?? "")
        case nil: return nil
        }
    }
}
