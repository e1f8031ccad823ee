import Foundation
import Glibc

/// A request whose progress can be observed: curl does not show whether the server has read it yet.
final class HeldRequest: Sendable {
    private let socket: Int32
    private let port: UInt16
    private let serverPort: UInt16

    /// Connects to `127.0.0.1:port` and sends a GET.
    init(_ address: String, _ path: String) throws {
        guard let text = address.split(separator: ":").last, let serverPort = UInt16(text) else {
            throw HTTP.Failed(description: "not an address: \(address)")
        }
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.serverPort = serverPort
        var server = sockaddr_in()
        server.sin_family = sa_family_t(AF_INET)
        server.sin_port = serverPort.bigEndian
        server.sin_addr.s_addr = inet_addr("127.0.0.1")
        var own = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isConnected = withUnsafeBytes(of: &server) {
            connect(socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length) == 0
        }
        let hasAddress = withUnsafeMutableBytes(of: &own) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return getsockname(socket, address, &length) == 0
        }
        port = UInt16(bigEndian: own.sin_port)
        guard isConnected, hasAddress else { throw SystemError(call: "connect to \(address)", number: errno) }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        // Short enough to fit into the socket's buffer.
        guard send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
            throw SystemError(call: "send", number: errno)
        }
    }

    deinit { close(socket) }

    /// Whether the other side has read the request from its socket: neither end has any of it queued, and the connection belongs to a
    /// process, which it does only once it has been accepted.
    func wasRead() throws -> Bool {
        let ports = (own: Self.hexadecimal(port), server: Self.hexadecimal(serverPort))
        var (isDelivered, isTaken) = (false, false)
        // Foundation's method for reading a whole file stops at the first partial read of a file in `/proc`.
        guard let file = FileHandle(forReadingAtPath: "/proc/net/tcp") else { return false }
        var table = Data()
        while let piece = try file.read(upToCount: 65_536), !piece.isEmpty { table.append(piece) }
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst() {
            // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode, as in proc(5).
            let fields = line.split(separator: " ")
            guard fields.count > 9 else { continue }
            let queues = fields[4].split(separator: ":").map { UInt64($0, radix: 16) }
            if fields[1].hasSuffix(ports.own), fields[2].hasSuffix(ports.server) {
                isDelivered = queues.first == 0
            } else if fields[1].hasSuffix(ports.server), fields[2].hasSuffix(ports.own) {
                isTaken = queues.last == 0 && fields[9] != "0"
            }
        }
        return isDelivered && isTaken
    }

    /// Waits for the answer and reads it.
    func answer() async throws -> HTTP.Answer {
        let socket = socket
        let bytes = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes = Data()
                var piece = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = recv(socket, &piece, piece.count, 0)
                    if count > 0 { bytes.append(contentsOf: piece[..<count]) } else if count == 0 || errno != EINTR { break }
                }
                continuation.resume(returning: bytes)
            }
        }
        return try HTTP.answer(bytes)
    }

    private static func hexadecimal(_ port: UInt16) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return ":" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
