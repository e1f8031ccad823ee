import Foundation
import Glibc

/// Sockets on 127.0.0.1.
enum Loopback {
    struct Failure: Error {
        let number = errno
    }

    static func listen(backlog: Int32) throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard withAddress(port: 0, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, backlog) == 0 else { throw Failure() }
        return listener
    }

    static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            _ = getsockname(socket, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// A port that was free a moment ago. Another program may have taken it since; callers must then try again.
    static func freePort() throws -> Int {
        let listener = try listen(backlog: 1)
        defer { Glibc.close(listener) }
        return port(of: listener)
    }

    /// Runs the body with a port on which nothing listens, and which no other program uses meanwhile, not even a client as its own port,
    /// which would make it connect to itself.
    static func withRefusingPort<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(holder) }
        guard withAddress(port: 0, { bind(holder, $0, $1) }) == 0 else { throw Failure() }
        return try await body(port(of: holder))
    }

    /// Begins to connect, without waiting for the connection.
    static func startConnecting(port: Int) -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        _ = withAddress(port: port) { connect(client, $0, $1) }
        return client
    }

    private static func withAddress(port: Int, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafeBytes(of: &address) {
            body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
    }
}

extension Loopback {
    static func close(_ sockets: [Int32]) {
        for socket in sockets { Glibc.close(socket) }
    }
}
