import Foundation
import NIOConcurrencyHelpers

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A plain socket, so that a test controls byte by byte what is sent and when.
///
/// Its calls block for at most thirty seconds: a test that would wait forever fails instead.
final class RawClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Negative once it is closed.
    private let descriptor: NIOLockedValueBox<Int32>
    private var socket: Int32 { descriptor.withLockedValue { $0 } }

    init(port: Int, host: String = "127.0.0.1", receiveBufferBytes: Int32? = nil) throws {
        let isIPv6 = host.contains(":")
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        let socket = Glibc.socket(isIPv6 ? AF_INET6 : AF_INET, stream, 0)
        descriptor = NIOLockedValueBox(socket)
        if var bytes = receiveBufferBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        let status = isIPv6 ? Self.connect6(socket, host, port) : Self.connect4(socket, host, port)
        guard status == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close() }

    func close() {
        descriptor.withLockedValue { socket in
            if socket >= 0 { Glibc.close(socket) }
            socket = -1
        }
    }

    /// Closes the sending side, as `nc -N` does; data can still be received.
    func endSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Disconnects completely: data sent to it is answered with a reset.
    func reset() {
        var immediately = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ all: [UInt8]) throws {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // With a time-out, an interrupted call is not resumed by the system.
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The bytes that have arrived, up to a limit; empty at the end of the connection.
    func receive(_ limit: Int = 65_536) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = recv(socket, &bytes, limit, 0)
        while count < 0, errno == EINTR { count = recv(socket, &bytes, limit, 0) }
        if count < 0, errno == ECONNRESET { return [] }
        guard count >= 0 else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
        return Array(bytes[..<count])
    }

    /// Everything up to the end of the connection.
    func receiveAll() throws -> String {
        var all: [UInt8] = []
        while true {
            let piece = try receive()
            if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += piece
        }
    }

    /// One response with its body, whose length is in the head; nil when the connection ends before it.
    func response(toHead: Bool = false) throws -> RawResponse? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while bytes.suffix(4) != end[...] {
            let piece = try receive(1)
            if piece.isEmpty { return nil }
            bytes += piece
        }
        var response = RawResponse(head: String(decoding: bytes, as: UTF8.self))
        let length = toHead ? 0 : Int(response["content-length"] ?? "") ?? 0
        while response.body.count < length {
            let piece = try receive(min(65_536, length - response.body.count))
            if piece.isEmpty { break }
            response.body += piece
        }
        return response
    }

    private static func connect4(_ socket: Int32, _ host: String, _ port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func connect6(_ socket: Int32, _ host: String, _ port: Int) -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        inet_pton(AF_INET6, host, &address.sin6_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

/// A response as received.
struct RawResponse {
    let head: String
    var body: [UInt8] = []

    var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// A header field's value, by its lower-case name.
    subscript(name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name { return parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return nil
    }
}
