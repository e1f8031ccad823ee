import Dispatch
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import Testing

@testable import HTTPClient

@Suite struct ConnectionTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func successiveRequestsShareAConnection() async throws {
        let server = try RawServer.answering(Self.ok)
        defer { server.stop() }
        try await withTransport { transport in
            for _ in 0..<50 {
                let response = try await transport.get(server.url)
                #expect(response.text == "ok")
            }
        }
        #expect(server.acceptedConnections == 1)
    }

    @Test(arguments: [(3, 64), (64, 3)])
    func connectionLimitQueuesTransfers(total: Int, perHost: Int) async throws {
        // No request is answered before three connections are open: otherwise, one connection could serve all.
        let threeAreOpen = DispatchSemaphore(value: 0)
        let accepted = NIOLockedValueBox(0)
        let server = try RawServer { connection in
            let count = accepted.withLockedValue { accepted in
                accepted += 1
                return accepted
            }
            if count == 3 { threeAreOpen.signal() }
            threeAreOpen.wait()
            threeAreOpen.signal()
            while connection.readHead() != nil { connection.write(Self.ok) }
        }
        defer { server.stop() }
        try await withTransport({
            $0.maximumConnections = total
            $0.maximumConnectionsPerHost = perHost
        }) { transport in
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask { try await transport.get(server.url).text }
                }
                for try await text in group { #expect(text == "ok") }
            }
        }
        #expect(server.mostOpenConnections == 3)
        #expect(server.acceptedConnections == 3)
    }

    @Test func idleConnectionsOfOtherHostsMakeRoom() async throws {
        let servers = try (0..<4).map { _ in try RawServer.answering(Self.ok) }
        defer { for server in servers { server.stop() } }
        try await withTransport({ $0.maximumConnections = 2 }) { transport in
            for server in servers + servers {
                let response = try await transport.get(server.url)
                #expect(response.text == "ok")
            }
        }
    }

    @Test func waitingForAConnectionDoesNotCountAsConnecting() async throws {
        // On a stalling machine, connecting may exceed the shortest time-out: then a longer one is tried.
        let timeouts = [100, 2000, 20_000].map { Duration.milliseconds($0) }
        for timeout in timeouts {
            if try await outlivesWaiting(connectTimeout: timeout) { return }
        }
        Issue.record("no transfer outlived its wait for a connection with any of the connect time-outs \(timeouts)")
    }

    /// - Returns: whether a transfer succeeded after waiting for longer than the connect time-out.
    private func outlivesWaiting(connectTimeout: Duration) async throws -> Bool {
        let arrived = Signal()
        let release = Signal()
        let released = NIOLockedValueBox(false)
        let handler: HTTPListener.Handler = { _ in
            if !released.withLockedValue(\.self) {
                arrived.fire()
                await release.wait()
            }
            // Closing makes the next transfer open a new connection.
            return ListenerResponse(status: .ok, headerFields: [.connection: "close"])
        }
        return try await withListener(handler: handler) { port in
            try await withTransport({
                $0.maximumConnectionsPerHost = 1
                $0.connectTimeout = connectTimeout
            }) { transport in
                let url = "http://127.0.0.1:\(port)/"
                let first = Task {
                    // Ends the wait after a failure.
                    defer { arrived.fire() }
                    return await transport.failure(url)
                }
                await arrived.wait()
                let second = Task { await transport.failure(url) }
                // Longer than the connect time-out, measured by the transport's own clock.
                #expect(await transport.failure(url, timeout: connectTimeout * 2.5)?.kind == .timedOut)
                released.withLockedValue { $0 = true }
                release.fire()
                let failures = [await first.value, await second.value]
                return failures == [nil, nil]
            }
        }
    }

    @Test func staleConnectionIsReplacedWithoutAnError() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write(Self.ok)
        }
        defer { server.stop() }
        try await withTransport { transport in
            for _ in 0..<20 {
                let response = try await transport.get(server.url)
                #expect(response.text == "ok")
            }
        }
        #expect(server.acceptedConnections == 20)
    }
}
