import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
    private let silent: RawServer
    private let requestArrived = Signal()
    private let connectionEnded = Signal()

    init() throws {
        silent = try RawServer { [requestArrived, connectionEnded] connection in
            guard connection.readHead() != nil else { return }
            requestArrived.fire()
            connection.waitForEnd()
            connectionEnded.fire()
        }
    }

    /// Many times, because a transfer that is cancelled after it was submitted would only occasionally have begun in between.
    @Test func cancelledTaskSendsNothing() async throws {
        try await withTransport { transport in
            for _ in 0..<1000 {
                let gate = Signal()
                let task = Task { [silent] in
                    await gate.wait()
                    return await transport.failure(silent.url)
                }
                task.cancel()
                gate.fire()
                let error = try #require(await task.value)
                #expect(error.kind == .cancelled)
                #expect(error.message == "the request to 127.0.0.1:\(silent.port) was cancelled")
            }
        }
        #expect(silent.acceptedConnections == 0)
    }

    @Test func cancellationInFlightReturnsAndEndsTheConnection() async throws {
        try await withTransport { transport in
            let task = Task { [silent] in await transport.failure(silent.url) }
            await requestArrived.wait()
            task.cancel()
            let error = try #require(await task.value)
            #expect(error.kind == .cancelled)
            #expect(error.message == "the request to 127.0.0.1:\(silent.port) was cancelled")
            await connectionEnded.wait()
        }
    }

    @Test func cancellationReachesTheHandlerOfAListener() async throws {
        let arrived = Signal()
        let cancelled = Signal()
        let handler: HTTPListener.Handler = { _ in
            arrived.fire()
            await Signal().wait()
            if Task.isCancelled { cancelled.fire() }
            return ListenerResponse(status: .ok)
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let task = Task { await transport.failure("http://127.0.0.1:\(port)/") }
                await arrived.wait()
                task.cancel()
                await cancelled.wait()
                #expect(await task.value?.kind == .cancelled)
            }
        }
    }

    @Test func cancellationWhileQueuedLeavesTheTransferAhead() async throws {
        try await withTransport({ $0.maximumConnectionsPerHost = 1 }) { transport in
            let first = Task { [silent] in await transport.failure(silent.url) }
            await requestArrived.wait()
            let waiting = (0..<100).map { _ in Task { [silent] in await transport.failure(silent.url) } }
            for task in waiting { task.cancel() }
            for task in waiting { #expect(await task.value?.kind == .cancelled) }
            #expect(silent.acceptedConnections == 1)
            // Its place is free for the next transfer.
            first.cancel()
            #expect(await first.value?.kind == .cancelled)
            let next = Task { [silent] in await transport.failure(silent.url) }
            await requestArrived.wait()
            next.cancel()
            #expect(await next.value?.kind == .cancelled)
        }
        #expect(silent.acceptedConnections == 2)
    }

    @Test func cancellationWhileConnectingReturns() async throws {
        let listener = try Loopback.listen(backlog: 0)
        let port = Loopback.port(of: listener)
        let others = (0..<8).map { _ in Loopback.startConnecting(port: port) }
        defer { Loopback.close(others + [listener]) }
        try await withTransport { transport in
            let task = Task { await transport.failure("http://127.0.0.1:\(port)/") }
            #expect(await transport.failure("http://127.0.0.1:\(port)/", timeout: .milliseconds(50))?.kind == .timedOut)
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
        }
    }

    /// The moment of the cancellation varies across the hand-over from the task to the thread.
    @Test func thousandRandomCancellationsEndEachTransferOnce() async throws {
        let handler: HTTPListener.Handler = { _ in .text(.ok, "ok") }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumConnectionsPerHost = 20 }) { transport in
                let tasks = (0..<1000).map { number in
                    Task { () -> TransferError.Kind? in
                        await transport.failure("http://127.0.0.1:\(port)/\(number)")?.kind
                    }
                }
                var order = tasks.indices.shuffled()
                order.removeLast(400)
                for index in order {
                    tasks[index].cancel()
                    if index % 7 == 0 { await Task.yield() }
                }
                // How many of them completed before they were cancelled depends on the machine.
                let wasCancelled = Set(order)
                for (index, task) in tasks.enumerated() {
                    let kind = await task.value
                    #expect(kind == nil || kind == .cancelled && wasCancelled.contains(index), "transfer \(index)")
                }
                // Nothing is left behind that would occupy a connection.
                for _ in 0..<40 { #expect(await transport.failure("http://127.0.0.1:\(port)/") == nil) }
            }
        }
    }

    @Test func cancellationRacesWithTheStart() async throws {
        let handler: HTTPListener.Handler = { _ in .text(.ok, "ok") }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                for round in 0..<500 {
                    let task = Task { await transport.failure("http://127.0.0.1:\(port)/")?.kind }
                    for _ in 0..<round % 5 { await Task.yield() }
                    task.cancel()
                    let kind = await task.value
                    #expect(kind == .cancelled || kind == nil)
                }
            }
        }
    }
}
