import HTTPListener
import HTTPTypes
import NIOConcurrencyHelpers
import Testing

@testable import CurlTransport

@Suite("Connections")
struct ConnectionTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("Requests that follow one another share a connection")
    func reuse() async throws {
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

    @Test("There are never more connections than allowed, and what waits for one gets it", arguments: [(3, 64), (64, 3)])
    func bound(total: Int, perHost: Int) async throws {
        let server = try RawServer.answering(Self.ok)
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
        #expect(server.mostOpenConnections <= 3)
        #expect(server.mostOpenConnections > 1)
    }

    @Test("Connections left idle by other hosts make room")
    func idleConnectionsMakeRoom() async throws {
        let servers = try (0..<4).map { _ in try RawServer.answering(Self.ok) }
        defer { for server in servers { server.stop() } }
        try await withTransport({ $0.maximumConnections = 2 }) { transport in
            for server in servers + servers {
                let response = try await transport.get(server.url)
                #expect(response.text == "ok")
            }
        }
    }

    @Test("The time that a transfer waits for a connection does not count as connecting")
    func waitingIsNotConnecting() async throws {
        let arrived = Signal()
        let release = Signal()
        let released = NIOLockedValueBox(false)
        let handler: HTTPListener.Handler = { _ in
            if !released.withLockedValue(\.self) {
                arrived.fire()
                await release.wait()
            }
            // Closing makes the next transfer connect anew.
            return ListenerResponse(status: .ok, headerFields: [.connection: "close"])
        }
        try await withListener(handler: handler) { port in
            try await withTransport({
                $0.maximumConnectionsPerHost = 1
                $0.connectTimeout = .milliseconds(100)
            }) { transport in
                async let first = transport.get("http://127.0.0.1:\(port)/")
                await arrived.wait()
                async let second = transport.get("http://127.0.0.1:\(port)/")
                // Longer than the connect time-out, by the transport's own clock.
                #expect(await transport.failure("http://127.0.0.1:\(port)/", timeout: .milliseconds(250))?.kind == .timedOut)
                released.withLockedValue { $0 = true }
                release.fire()
                let firstResponse = try await first
                #expect(firstResponse.status == .ok)
                let secondResponse = try await second
                #expect(secondResponse.status == .ok)
            }
        }
    }

    @Test("A connection that the server closed while it was idle is replaced without an error")
    func staleConnection() async throws {
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
