import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(10))) struct ExecutorTests {
    @Test func preferringTaskStaysOnTheThread() async throws {
        try await withListener(handler: { _ in .text(.ok, "ok") }) { port in
            try await withTransport { transport in
                let threads = try await withTaskExecutorPreference(transport.executor) {
                    var threads = [ThreadIdentity.current]
                    for _ in 0..<10 {
                        _ = try await transport.get("http://127.0.0.1:\(port)/")
                        threads.append(.current)
                    }
                    return threads
                }
                #expect(Set(threads).count == 1)
                _ = try await transport.get("http://127.0.0.1:\(port)/")
                #expect(!threads.contains(.current))
            }
        }
    }

    @Test func busyTasksDoNotStarveTransfers() async throws {
        try await withListener(handler: { _ in .text(.ok, "ok") }) { port in
            try await withTransport { transport in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<4 {
                        group.addTask(executorPreference: transport.executor) {
                            while !Task.isCancelled { await Task.yield() }
                        }
                    }
                    let response = try await transport.get("http://127.0.0.1:\(port)/")
                    #expect(response.status == .ok)
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func taskCanBeCancelledDuringItsRequest() async throws {
        let arrived = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            arrived.fire()
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withTransport { transport in
            let task = Task(executorPreference: transport.executor) { await transport.failure(server.url) }
            await arrived.wait()
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
        }
    }

    @Test func preferringTasksEndAfterShutdown() async throws {
        let transport = try CurlTransport(configuration: .init())
        let proceed = Signal()
        let began = Signal()
        let waiting = Task(executorPreference: transport.executor) {
            began.fire()
            await proceed.wait()
            return await transport.failure("http://127.0.0.1:1/")?.kind
        }
        await began.wait()
        await Task(executorPreference: transport.executor) { await transport.shutdown() }.value
        proceed.fire()
        #expect(await waiting.value == .shutDown)
        let late = Task(executorPreference: transport.executor) { await transport.failure("http://127.0.0.1:1/")?.kind }
        #expect(await late.value == .shutDown)
    }
}

/// Identifies a thread.
private struct ThreadIdentity: Hashable {
    private let thread: pthread_t

    static var current: ThreadIdentity { ThreadIdentity(thread: pthread_self()) }
}
