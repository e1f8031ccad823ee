#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A listening socket that the service manager opened and passed to the process: socket activation as in sd_listen_fds(3).
package struct InheritedSocket: Sendable {
    /// Why the passed sockets cannot be used, in one line.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Owned by the listener that adopts it.
    package let descriptor: Int32
    /// The name that the service manager gave it, by default the name of its unit.
    package let name: String

    /// The first passed descriptor, after the three standard streams.
    private static let firstDescriptor: Int32 = 3

    /// Takes the sockets passed to this process. They are not inherited by child processes, and the variables that describe them
    /// are removed from the environment, so a second call finds none. Call it before threads read the environment.
    /// - Throws: ``Failure`` if no socket was passed, or if one is not a listening stream socket.
    package static func takeAll() throws(Failure) -> [InheritedSocket] {
        let process = variable("LISTEN_PID")
        let count = variable("LISTEN_FDS")
        let names = variable("LISTEN_FDNAMES")?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        for name in ["LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        guard let process, let count else { throw Failure(description: "no socket was passed (LISTEN_FDS is not set)") }
        guard let processNumber = Int32(process), let number = Int32(count), number >= 0, number < 1024 else {
            throw Failure(description: "LISTEN_PID or LISTEN_FDS is not a valid number")
        }
        guard processNumber == getpid() else {
            throw Failure(description: "the sockets were passed to another process (LISTEN_PID does not match)")
        }
        guard number > 0 else { throw Failure(description: "no socket was passed (LISTEN_FDS is 0)") }
        var sockets: [InheritedSocket] = []
        for index in 0..<number {
            let name = Int(index) < names.count ? String(names[Int(index)]) : "unknown"
            let socket = InheritedSocket(descriptor: firstDescriptor + index, name: name)
            _ = fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC)
            try socket.check()
            sockets.append(socket)
        }
        return sockets
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Sets the maximum number of connections waiting to be accepted.
    func setBacklog(_ count: Int32) {
        _ = listen(descriptor, count)
    }

    private func check() throws(Failure) {
        #if canImport(Darwin)
        let stream = SOCK_STREAM
        #else
        let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        guard option(SO_TYPE) == stream else {
            throw Failure(
                description: "what was passed as \(name) (descriptor \(descriptor)) is not a stream socket: use ListenStream=")
        }
        guard option(SO_ACCEPTCONN) == 1 else {
            throw Failure(description: "the socket passed as \(name) (descriptor \(descriptor)) does not listen: use Accept=no")
        }
    }

    private func option(_ option: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : nil
    }
}
