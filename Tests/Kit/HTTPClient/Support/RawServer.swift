import Foundation
import NIOConcurrencyHelpers

/// A loopback server that sends and receives bytes, for behaviour that no HTTP server has. Each connection has its own thread.
final class RawServer: Sendable {
    let port: Int
    private let listener: Int32
    private let counts = NIOLockedValueBox((accepted: 0, open: 0, mostOpen: 0))

    var url: String { "http://127.0.0.1:\(port)" }
    var acceptedConnections: Int { counts.withLockedValue { $0.accepted } }
    var mostOpenConnections: Int { counts.withLockedValue { $0.mostOpen } }

    /// - Parameter serve: serves one connection, which is closed when it returns.
    init(serve: @escaping @Sendable (RawConnection) -> Void) throws {
        let listener = try Loopback.listen(backlog: 512)
        self.listener = listener
        port = Loopback.port(of: listener)
        let counts = counts
        Thread.detachNewThread {
            // Only the user of the socket closes it: its number may be reused at once.
            defer { close(listener) }
            while true {
                let socket = accept(listener, nil, nil)
                if socket < 0, [EINTR, ECONNABORTED].contains(errno) { continue }
                guard socket >= 0 else { return }
                counts.withLockedValue {
                    $0.accepted += 1
                    $0.open += 1
                    $0.mostOpen = max($0.mostOpen, $0.open)
                }
                Thread.detachNewThread {
                    serve(RawConnection(socket))
                    counts.withLockedValue { $0.open -= 1 }
                    close(socket)
                }
            }
        }
    }

    /// Stops accepting connections. May be called once.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Answers every request on every connection with the same bytes.
    static func answering(_ response: String) throws -> RawServer {
        try RawServer { connection in
            while connection.readHead() != nil { connection.write(response) }
        }
    }
}

/// One connection of a ``RawServer``, or to one.
struct RawConnection: Sendable {
    private let socket: Int32

    init(_ socket: Int32) {
        self.socket = socket
    }

    /// The lines of a request up to the empty one; nil when the client has disconnected.
    func readHead() -> String? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            var byte: UInt8 = 0
            let count = recv(socket, &byte, 1, 0)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            head.append(byte)
        }
        return String(decoding: head, as: UTF8.self)
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns when the client has closed the connection.
    func waitForEnd() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 || count < 0 && errno == EINTR {}
    }

    /// Closes with a reset, like a crashed server.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
