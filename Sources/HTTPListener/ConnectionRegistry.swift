internal import NIOCore

/// The open connections of a listener, so that a shutdown can let each finish its response. Used on the event loop only.
final class ConnectionRegistry {
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var draining = false
    private var drained: EventLoopPromise<Void>?

    func add(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        if draining { connection.closeWhenDone() }
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { drained?.succeed() }
    }

    /// Closes the idle connections now and the others after their response; succeeds when the last is closed.
    /// - Parameter timeout: after it, whatever is left is cut off.
    func drain(within timeout: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        draining = true
        drained = promise
        let open = Array(connections.values)
        if open.isEmpty { promise.succeed() }
        for connection in open { connection.closeWhenDone() }
        let registry = NIOLoopBound(self, eventLoop: eventLoop)
        let cutOff = eventLoop.scheduleTask(in: timeout) {
            for connection in registry.value.connections.values { connection.close() }
        }
        promise.futureResult.whenComplete { _ in cutOff.cancel() }
        return promise.futureResult
    }
}
