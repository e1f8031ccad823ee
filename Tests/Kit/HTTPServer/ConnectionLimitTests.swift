import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestTools
import Testing

/// More clients than the listener serves at a time.
@Suite struct ConnectionLimitTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// A connection that has been served, so the listener knows it.
    private func servedClient(_ port: Int) throws -> RawClient {
        let client = try RawClient(port: port)
        try expectService(client)
        return client
    }

    private func expectService(_ client: RawClient) throws {
        try client.send(Self.request)
        let response = try client.response()
        #expect(response?.status == 200)
    }

    @Test func longestIdleConnectionMakesRoom() async throws {
        try await serving({ $0.maximumConnections = 3 }) { port async throws in
            try await blocking {
                let first = try servedClient(port)
                let second = try servedClient(port)
                let third = try servedClient(port)
                // Not the connection that came first, because another one has been idle longer.
                try expectService(first)
                let fourth = try servedClient(port)
                #expect(try second.receiveAll().isEmpty)
                for client in [first, third, fourth] { try expectService(client) }
            }
        }
    }

    @Test func unfinishedRequestMakesRoomWhenNoneIsIdle() async throws {
        try await serving({ $0.maximumConnections = 2 }) { port async throws in
            try await blocking {
                let half = try RawClient(port: port)
                try half.send("GET /half HTTP/1.1\r\n")
                let idle = try servedClient(port)
                let third = try servedClient(port)
                #expect(try idle.receiveAll().isEmpty)
                // Both are now sending a request, and the first one began earlier.
                try third.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                #expect(try third.response()?.status == 100)
                let fourth = try servedClient(port)
                #expect(try half.receiveAll().isEmpty)
                try third.send("12345")
                #expect(try third.response()?.status == 200)
                try expectService(fourth)
            }
        }
    }

    /// A client that connects after hundreds of others, which send requests repeatedly, would otherwise wait for many answers to each.
    @Test func waitingConnectionsAreAcceptedBeforeAnyIsAnswered() async throws {
        let areWaiting = DispatchSemaphore(value: 0)
        let accepted = NIOLockedValueBox(0)
        let acceptedAtFirst = NIOLockedValueBox<Int?>(nil)
        try await serving(
            {
                $0.maximumConnections = 256
                $0.security = {
                    // Blocks the event loop until all have connected.
                    if accepted.withLockedValue({ $0 }) == 0 { _ = areWaiting.wait(timeout: .now() + 60) }
                    accepted.withLockedValue { $0 += 1 }
                    return nil
                }
            },
            handler: { request in
                acceptedAtFirst.withLockedValue { $0 = $0 ?? accepted.withLockedValue { $0 } }
                return echo(request)
            }
        ) { port async throws in
            try await blocking {
                let clients = try (0..<64).map { _ in try RawClient(port: port) }
                for client in clients { try client.send(Self.request) }
                areWaiting.signal()
                for client in clients { #expect(try client.response()?.status == 200) }
            }
        }
        #expect(acceptedAtFirst.withLockedValue { $0 } == 64)
    }

    /// Under a flood of connections, a client would otherwise be closed before its request has been read.
    @Test func newConnectionIsNotClosedBeforeAnOlderUnfinishedRequest() async throws {
        try await serving({ $0.maximumConnections = 2 }) { port async throws in
            try await blocking {
                let half = try RawClient(port: port)
                try half.send("GET /half HTTP/1.1\r\n")
                let new = try RawClient(port: port)
                let third = try servedClient(port)
                #expect(try half.receiveAll().isEmpty)
                for client in [new, third] { try expectService(client) }
            }
        }
    }

    /// - Parameter stallTimeout: zero, and longer than the test takes.
    @Test(arguments: [Duration.zero, .seconds(3600)])
    func clientThatReadsNothingMakesRoom(stallTimeout: Duration) async throws {
        let large = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 120, count: 1_000_000), count: 36))
        try await serving(
            {
                $0.maximumConnections = 2
                $0.stallTimeout = stallTimeout
            }, handler: { $0.path == "/large" ? large : echo($0) }
        ) { port async throws in
            try await blocking {
                let readers = try (0..<2).map { _ in
                    let client = try RawClient(port: port, receiveBufferBytes: 4096)
                    try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
                    // The response has begun.
                    _ = try client.receive(1)
                    return client
                }
                let third = try RawClient(port: port)
                try third.send(Self.request)
                #expect(try third.response()?.status == (stallTimeout == .zero ? 200 : 503))
                withExtendedLifetime(readers) {}
            }
        }
    }

    @Test func clientThatReadsNothingMakesRoomRatherThanANewOne() async throws {
        let large = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 120, count: 1_000_000), count: 36))
        try await serving(
            {
                $0.maximumConnections = 2
                $0.stallTimeout = .zero
            }, handler: { $0.path == "/large" ? large : echo($0) }
        ) { port async throws in
            try await blocking {
                let reader = try RawClient(port: port, receiveBufferBytes: 4096)
                try reader.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try reader.receive(1)
                // Once these are answered, nothing more can be written to the reader. Then the idle connection makes room for the next.
                let idle = try servedClient(port)
                for _ in 0..<20 { try expectService(idle) }
                let new = try RawClient(port: port)
                let third = try servedClient(port)
                for client in [new, third] { try expectService(client) }
                withExtendedLifetime(reader) {}
            }
        }
    }

    @Test(arguments: [Duration.zero, .seconds(3600)])
    func http2ClientThatReadsNothingMakesRoom(stallTimeout: Duration) async throws {
        let authority = try await CertificateAuthority()
        let large = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 120, count: 65_536), count: 20))
        try await serving(
            authority,
            {
                $0.maximumConnections = 2
                $0.stallTimeout = stallTimeout
            }, handler: { $0.path == "/" ? large : echo($0) }
        ) { port async throws in
            var clients: [RawHTTP2Client] = []
            for _ in 0..<2 {
                let client = try await RawHTTP2Client(port: port, authority: authority, window: 0)
                try await client.get([1, 3])
                try await eventually("the answers") { client.received.count { $0.kind == 1 } == 2 }
                clients.append(client)
            }
            let other = try await Command.curl(
                "--cacert", authority.certificate, "-o", "/dev/null", "-w", "%{http_code}", "https://localhost:\(port)/small")
            #expect(other.text == (stallTimeout == .zero ? "200" : "503"))
            for client in clients { await client.close() }
        }
    }

    @Test func busyListenerRefusesTheNextConnection() async throws {
        let gate = Gate()
        try await serving({ $0.maximumConnections = 2 }, handler: gate.handle) { port async throws in
            let busy = [try RawClient(port: port), try RawClient(port: port)]
            for client in busy {
                try client.send(Self.request)
                await gate.waitForEntry()
            }
            try await blocking {
                for _ in 0..<5 {
                    let client = try RawClient(port: port)
                    try client.send(Self.request)
                    let text = try client.receiveAll()
                    #expect(text.hasPrefix("HTTP/1.1 503 "))
                    #expect(text.lowercased().contains("retry-after: 1\r\n"))
                }
                gate.open()
                for client in busy { #expect(try client.response()?.status == 200) }
                _ = try servedClient(port)
            }
        }
    }

    /// With the default limit, and with one that leaves all of them open.
    @Test(arguments: [512, 2000])
    func idleAndUnfinishedConnectionsDoNotBlockOthers(_ limit: Int) async throws {
        try allowOpenFiles(4096)
        try await serving({
            $0.maximumConnections = limit
            $0.idleTimeout = .seconds(6)
            $0.requestTimeout = .seconds(3)
        }) { port async throws in
            let leftWithoutAnswer = try await blocking {
                let idle = try (0..<1000).map { _ in try RawClient(port: port) }
                let unfinished = try (0..<200).map { _ in
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\n")
                    return client
                }
                // All of them are waiting when the scrape arrives.
                let scrape = try RawClient(port: port)
                try scrape.send(Self.request)
                #expect(try scrape.response()?.status == 200)
                return try (idle + unfinished).count { try $0.receiveAll().isEmpty }
            }
            #expect(leftWithoutAnswer == 1200)
        }
    }

    /// Sets the soft limit on open files, which is low on some systems.
    private func allowOpenFiles(_ count: UInt) throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limit)
        guard limit.rlim_cur < count else { return }
        limit.rlim_cur = min(count, limit.rlim_max)
        setrlimit(resource, &limit)
        try #require(limit.rlim_cur >= count, "the system must allow \(count) open files for this test")
    }
}
