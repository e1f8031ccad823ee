import Foundation
import HTTPListener
import HTTPTypes
import Testing

/// Clients that keep the listener waiting.
@Suite struct ListenerTimeoutTests {
    /// Reads to the end of the connection; how long that took, in seconds.
    private func secondsToTheEnd(_ client: RawClient) throws -> (text: String, seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let text = try client.receiveAll()
        let (seconds, attoseconds) = start.duration(to: clock.now).components
        return (text, Double(seconds) + Double(attoseconds) / 1e18)
    }

    @Test func aConnectionWithoutARequestIsClosed() async throws {
        try await serving({ $0.idleTimeout = .milliseconds(200) }) { port async throws in
            let (text, seconds) = try await blocking { try self.secondsToTheEnd(try RawClient(port: port)) }
            #expect(text.isEmpty)
            #expect(seconds > 0.1 && seconds < 8)
        }
    }

    @Test func aConnectionIsClosedSomeTimeAfterItsLastResponse() async throws {
        try await serving({ $0.idleTimeout = .milliseconds(200) }) { port async throws in
            let (text, seconds) = try await blocking {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.response()
                return try self.secondsToTheEnd(client)
            }
            #expect(text.isEmpty)
            #expect(seconds > 0.1 && seconds < 8)
        }
    }

    @Test func anUnfinishedRequestIsClosed() async throws {
        for part in ["G", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
            try await serving({ $0.requestTimeout = .milliseconds(200) }) { port async throws in
                let (text, seconds) = try await blocking {
                    let client = try RawClient(port: port)
                    try client.send(part)
                    return try self.secondsToTheEnd(client)
                }
                #expect(text.isEmpty)
                #expect(seconds < 8)
            }
        }
    }

    @Test func tricklingBytesDoNotKeepARequestAlive() async throws {
        try await serving({
            $0.requestTimeout = .milliseconds(400)
            $0.idleTimeout = .milliseconds(400)
        }) { port async throws in
            let sent = try await blocking {
                let client = try RawClient(port: port)
                let head = Array("GET / HTTP/1.1\r\nX-Slow: " + String(repeating: "x", count: 10_000))
                // Every byte comes well within the idle time-out.
                for (count, byte) in head.enumerated() {
                    usleep(20_000)
                    do { try client.send(String(byte)) } catch _ { return count }
                }
                return head.count
            }
            #expect(sent > 5 && sent < 400, "\(sent) bytes")
        }
    }

    @Test func aSlowHandlerIsNotTimedOut() async throws {
        let handler: HTTPListener.Handler = { request in
            try? await Task.sleep(for: .milliseconds(400))
            return echo(request)
        }
        try await serving(
            {
                $0.requestTimeout = .milliseconds(100)
                $0.idleTimeout = .milliseconds(100)
            }, handler: handler
        ) { port async throws in
            let response = try await blocking {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response()
            }
            #expect(response?.status == 200)
        }
    }

    @Test func aClientThatDoesNotReadIsLeft() async throws {
        let response = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 0, count: 1_048_576), count: 64))
        try await serving({ $0.idleTimeout = .milliseconds(200) }, handler: { _ in response }) { port async throws in
            let received = try await blocking {
                let client = try RawClient(port: port, receiveBufferBytes: 4096)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                // The response has begun: from here on it is the client that keeps the listener waiting.
                var count = try client.receive(1).count
                usleep(1_000_000)
                while case let piece = try client.receive(), !piece.isEmpty { count += piece.count }
                return count
            }
            #expect(received < 64 * 1_048_576)
        }
    }
}
