internal import NIOCore

/// A listener's open connections, for making room for new ones and for letting responses finish at shutdown. Used only on the
/// event loop.
final class ConnectionRegistry {
    enum Admission {
        case admitted
        /// All other connections are being answered, and their clients are reading.
        case oneTooMany
        /// The listener is shutting down.
        case ending
    }

    private let limit: Int
    private let stallTimeout: TimeAmount
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Connections that had to make room but are not closed yet, for example while TLS is shutting down.
    private var leaving: [ObjectIdentifier: Connection] = [:]
    private var draining = false
    private var drained: EventLoopPromise<Void>?

    /// - Parameter stallTimeout: how long a client may read nothing of its response before its connection has to make room.
    init(limit: Int, stallTimeout: TimeAmount) {
        self.limit = limit
        self.stallTimeout = stallTimeout
    }

    func add(_ connection: Connection) -> Admission {
        connections[ObjectIdentifier(connection)] = connection
        if draining { return .ending }
        while connections.count > limit {
            guard closeOne(otherThan: connection) else { return .oneTooMany }
        }
        return .admitted
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        leaving[ObjectIdentifier(connection)] = nil
        if connections.isEmpty, leaving.isEmpty { drained?.succeed() }
    }

    /// Closes up to a number of connections that are not being answered.
    func makeRoom(for count: Int) {
        for _ in 0..<count {
            guard closeOne(otherThan: nil) else { return }
        }
    }

    /// Closes the connection that has been idle longest. If none is idle, closes the one whose client has been sending its request, or
    /// reading nothing of its response, for longest: normal clients do both quickly. Returns false if all connections are being answered.
    private func closeOne(otherThan newest: Connection?) -> Bool {
        let others = connections.values.filter { $0 !== newest }
        let idle = others.filter { [.idle, .lingering].contains($0.phase) }.map { ($0, $0.timer.since) }
        // By age alone: among many that do not read, a client that has just connected is not the one to close.
        let candidates = idle.isEmpty ? others.compactMap { connection in slowSince(connection).map { (connection, $0) } } : idle
        guard let oldest = candidates.min(by: { $0.1 < $1.1 })?.0 else { return false }
        connections[ObjectIdentifier(oldest)] = nil
        leaving[ObjectIdentifier(oldest)] = oldest
        oldest.close()
        return true
    }

    /// Since when the client has kept the listener waiting; nil if the client is not slow.
    private func slowSince(_ connection: Connection) -> NIODeadline? {
        if connection.phase == .receiving { return connection.timer.since }
        return connection.unreadSince.flatMap { $0 + stallTimeout <= .now() ? $0 : nil }
    }

    /// Closes idle connections now and the others after their response; succeeds when the last connection is closed.
    /// - Parameter timeout: when to close the remaining connections forcibly.
    func drain(within timeout: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        draining = true
        drained = promise
        let open = Array(connections.values)
        if open.isEmpty, leaving.isEmpty { promise.succeed() }
        for connection in open { connection.end() }
        let registry = NIOLoopBound(self, eventLoop: eventLoop)
        let cutOff = eventLoop.scheduleTask(in: timeout) {
            for connection in registry.value.connections.values { connection.close() }
        }
        promise.futureResult.whenComplete { _ in cutOff.cancel() }
        return promise.futureResult
    }
}
