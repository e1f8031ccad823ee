internal import Foundation
internal import Glibc

/// One connection to a server on this machine, over which it is asked again and again as Prometheus does.
///
/// It reads and throws away: what is measured is the server, not a client's work with the answer.
public final class Connection {
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    /// - Parameter port: a port of 127.0.0.1.
    /// - Returns: nil when nobody listens there.
    public init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Asks once and waits for the last byte of the answer.
    /// - Returns: the seconds that it took.
    /// - Throws: ``BenchmarkError`` when it is not answered 200.
    public func get(_ path: String, headers: String = "") throws -> Double {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(headers)\r\n".utf8)
        let start = ContinuousClock.now
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchmarkError("cannot ask for \(path): \(String(cString: strerror(errno)))")
        }
        var head = ""
        var bodyStart: String.UTF8View.Index?
        var received = 0
        while bodyStart == nil {
            let count = try receive(path)
            received += count
            head += String(decoding: buffer[..<count], as: Unicode.ASCII.self)
            bodyStart = head.range(of: "\r\n\r\n")?.upperBound
        }
        guard let bodyStart, head.hasPrefix("HTTP/1.1 200 "), let length = Self.contentLength(head[..<bodyStart]) else {
            throw BenchmarkError("\(path) was answered \(head.prefix { !$0.isNewline })")
        }
        let end = Self.asciiCount(head[..<bodyStart]) + length
        while received < end { received += try receive(path) }
        return start.duration(to: .now).inSeconds
    }

    /// The port in an address such as `http://127.0.0.1:9090/metrics` or `127.0.0.1:9090`.
    public static func port(of address: String) throws -> UInt16 {
        let url = address.contains("://") ? address : "http://" + address
        guard let port = URL(string: url)?.port else { throw BenchmarkError("\(address) has no port") }
        return UInt16(port)
    }

    private func receive(_ path: String) throws -> Int {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchmarkError("the answer to \(path) broke off") }
        return count
    }

    /// Of ASCII text decoded to characters each byte is one scalar, line breaks included.
    private static func asciiCount(_ text: Substring) -> Int { text.unicodeScalars.count }

    private static func contentLength(_ head: Substring) -> Int? {
        let line = head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("content-length:") }
        return line?.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }
}
