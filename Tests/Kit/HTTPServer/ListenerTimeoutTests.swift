import Foundation
import HTTPServer
import HTTPTypes
import TestTools
import Testing

/// Clients that keep the listener waiting.
@Suite struct ListenerTimeoutTests {
    // The listener's time begins when it accepts the connection or has sent its answer. The client knows only that this is after its own
    // request, so both bounds count from there. The only upper bound is the client's own thirty seconds, after which its calls fail: the
    // machine may stall for as long as it likes until then.

    private func seconds(since start: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    @Test func connectionWithoutRequestIsClosed() async throws {
        try await serving({ $0.idleTimeout = .milliseconds(200) }) { port async throws in
            let start = ContinuousClock.now
            let text = try await blocking { try RawClient(port: port).receiveAll() }
            #expect(text.isEmpty)
            #expect(seconds(since: start) > 0.1)
        }
    }

    @Test func connectionIsClosedAfterItsIdleTimeout() async throws {
        // If the machine stalls before the request is sent, the connection is closed without an answer, which proves nothing.
        let timeouts = [200, 2000, 20_000]
        for timeout in timeouts {
            var isAnswered = false
            try await serving({ $0.idleTimeout = .milliseconds(timeout) }) { port async throws in
                let start = ContinuousClock.now
                let (status, text) = try await blocking {
                    let client = try RawClient(port: port)
                    try? client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    return (try client.response()?.status, try client.receiveAll())
                }
                guard let status else { return }
                isAnswered = true
                #expect(status == 200)
                #expect(text.isEmpty)
                #expect(seconds(since: start) > Double(timeout) / 2000)
            }
            if isAnswered { return }
        }
        Issue.record("no connection was answered within \(timeouts) ms")
    }

    @Test func unfinishedRequestIsClosed() async throws {
        for part in ["G", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
            try await serving({ $0.requestTimeout = .milliseconds(200) }) { port async throws in
                let text = try await blocking {
                    let client = try RawClient(port: port)
                    try client.send(part)
                    return try client.receiveAll()
                }
                #expect(text.isEmpty)
            }
        }
    }

    @Test func tricklingBytesDoNotKeepARequestAlive() async throws {
        try await serving({ $0.requestTimeout = .milliseconds(400) }) { port async throws in
            let (sent, length) = try await blocking {
                let client = try RawClient(port: port)
                let head = Array("GET / HTTP/1.1\r\nX-Slow: " + String(repeating: "x", count: 10_000))
                // Every byte arrives well within the time-out, but all of them would take minutes.
                for (count, byte) in head.enumerated() {
                    usleep(20_000)
                    do { try client.send(String(byte)) } catch _ { return (count, head.count) }
                }
                return (head.count, head.count)
            }
            #expect(sent < length)
        }
    }

    @Test func slowHandlerIsNotTimedOut() async throws {
        // If the machine stalls before the request is sent, the connection is closed: the next attempt has more time.
        let timeouts = [100, 100, 2000, 10_000].map { Duration.milliseconds($0) }
        for timeout in timeouts {
            let handler: HTTPListener.Handler = { request in
                try? await Task.sleep(for: timeout * 4)
                return echo(request)
            }
            var status: Int?
            try await serving(
                {
                    $0.requestTimeout = timeout
                    $0.idleTimeout = timeout
                }, handler: handler
            ) { port async throws in
                status = try await blocking {
                    let client = try RawClient(port: port)
                    try? client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    return try client.response()?.status
                }
            }
            if status == 200 { return }
        }
        Issue.record("no answer arrived with any of the time-outs \(timeouts)")
    }

    @Test func clientThatDoesNotReadIsDisconnected() async throws {
        let response = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 0, count: 1_048_576), count: 64))
        try await serving({ $0.idleTimeout = .milliseconds(200) }, handler: { _ in response }) { port async throws in
            let received = try await blocking {
                let client = try RawClient(port: port, receiveBufferBytes: 4096)
                // If the machine stalls here, the connection may have been closed already.
                try? client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                // The response has begun: from here on, the client keeps the listener waiting.
                var count = try client.receive(1).count
                usleep(1_000_000)
                while case let piece = try client.receive(), !piece.isEmpty { count += piece.count }
                return count
            }
            #expect(received < 64 * 1_048_576)
        }
    }
}
