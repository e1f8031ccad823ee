import Foundation

/// A socket that is opened before the program that serves it starts, as a service manager does.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    /// 0 for a Unix domain socket.
    let port: Int

    /// Listens on the loopback interface, on a port chosen by the kernel.
    init(listens: Bool = true) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        descriptor = try Self.open(AF_INET, &address, listens: listens)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// A Unix domain socket.
    init(path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        descriptor = try Self.open(AF_UNIX, &address, listens: true)
        port = 0
    }

    deinit { close(descriptor) }

    /// Whether a client can connect: a program accepts the connection, or it waits in the queue.
    func canConnect() -> Bool {
        (try? SilentClient(port: port)) != nil
    }

    private static func open<Address>(_ family: Int32, _ address: inout Address, listens: Bool) throws -> Int32 {
        let low = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        // Far from the numbers that it gets in the program.
        let descriptor = fcntl(low, F_DUPFD_CLOEXEC, 200)
        close(low)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard bound == 0 else { throw SystemError(call: "bind", number: errno) }
        if listens, listen(descriptor, 16) != 0 { throw SystemError(call: "listen", number: errno) }
        return descriptor
    }
}
