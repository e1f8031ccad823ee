import HTTPServer
import HTTPTypes
import TestTools
import Testing

/// Clients that close their sending side after a request: some still read, others have disconnected.
@Suite struct HalfClosedClientTests {
    @Test func halfClosedClientIsAnswered() async throws {
        let gate = Gate()
        try await serving(handler: gate.handle) { port async throws in
            let client = try RawClient(port: port)
            try client.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
            client.endSending()
            await gate.waitForEntry()
            gate.open()
            let text = try await blocking { try client.receiveAll() }
            #expect(text.hasSuffix("GET /half - "))
            #expect(!gate.wasCancelled)
        }
    }

    @Test func largeResponseReachesAHalfClosedClient() async throws {
        let response = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 120, count: 1_048_576), count: 8))
        try await serving(handler: { _ in response }) { port async throws in
            let body = try await blocking {
                let client = try RawClient(port: port, receiveBufferBytes: 8192)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                client.endSending()
                return try client.response()?.body.count
            }
            #expect(body == 8 * 1_048_576)
        }
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHos"])
    func halfClosedClientWithoutRequestIsDisconnected(_ part: String) async throws {
        try await serving { port async throws in
            let text = try await blocking {
                let client = try RawClient(port: port)
                try client.send(part)
                client.endSending()
                return try client.receiveAll()
            }
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 400 "), "\(text)")
        }
    }

    @Test func longWaitingClientGetsAnInterimResponse() async throws {
        let gate = Gate()
        try await serving(handler: gate.handle) { port async throws in
            let client = try RawClient(port: port)
            try client.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
            client.endSending()
            await gate.waitForEntry()
            let interim = try await blocking { try client.response() }
            #expect(interim?.status == 100)
            gate.open()
            let text = try await blocking { try client.receiveAll() }
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("GET /half - "))
        }
    }

    /// A disconnected client looks like a half-closed one, except for the reset that its system sends in reply to data.
    @Test(arguments: [false, true])
    func handlerIsCancelledWhenTheClientDisconnects(_ isPipelined: Bool) async throws {
        let gate = Gate()
        try await serving(handler: gate.handle) { port async throws in
            let client = try RawClient(port: port)
            let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            try client.send(isPipelined ? request + request : request)
            client.close()
            await gate.waitForEntry()
            try await eventually("the handler's cancellation") { gate.wasCancelled }
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func handlerIsCancelledWhenATLSClientDisconnects(_ version: String) async throws {
        let authority = try await CertificateAuthority()
        let gate = Gate()
        try await serving(authority, handler: gate.handle) { port async throws in
            // curl gives up after a second.
            let curl = try await Command.curl(
                version, "--max-time", "1", "--cacert", authority.certificate, "https://localhost:\(port)/")
            #expect(curl.status == 28)
            try await eventually("the handler's cancellation") { gate.wasCancelled }
        }
    }

    /// HTTP/1.0 has no interim responses, and a proxy may not forward the reset.
    @Test(arguments: ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
    func halfClosedClientTimesOut(_ request: String) async throws {
        let gate = Gate()
        try await serving({ $0.halfClosedTimeout = .milliseconds(400) }, handler: gate.handle) { port async throws in
            let client = try RawClient(port: port)
            try client.send(request)
            client.endSending()
            await gate.waitForEntry()
            let text = try await blocking { try client.receiveAll() }
            #expect(!text.contains("200 OK"))
            #expect(text.isEmpty == request.contains("1.0"))
            try await eventually("the handler's cancellation") { gate.wasCancelled }
        }
    }
}
