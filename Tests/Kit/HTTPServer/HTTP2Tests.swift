import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestTools
import Testing

/// HTTP/2 as spoken by curl, and by misbehaving clients.
@Suite struct HTTP2Tests {
    private func curl(_ authority: CertificateAuthority, _ arguments: String...) async throws -> Command.Result {
        try await Command.run(
            ["curl", "-q", "--silent", "--noproxy", "*", "--max-time", "60", "--cacert", authority.certificate] + arguments)
    }

    @Test func http2IsNegotiatedWhenOffered() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority) { port async throws in
            let url = "https://localhost:\(port)/path?query=1"
            let write = ["-w", " %{http_version} %{http_code}"]
            #expect(try await curl(authority, "--http2", write[0], write[1], url).text == "GET /path query=1  2 200")
            #expect(try await curl(authority, "--http1.1", write[0], write[1], url).text == "GET /path query=1  1.1 200")
        }
        try await serving(authority, http2: false) { port async throws in
            let answer = try await curl(authority, "--http2", "-w", "%{http_version}", "https://localhost:\(port)/")
            #expect(answer.text == "GET / - 1.1")
        }
    }

    @Test func requestIsTheSameInBothVersions() async throws {
        let authority = try await CertificateAuthority()
        let seen = NIOLockedValueBox<[ListenerRequest]>([])
        try await serving(
            authority,
            handler: { request in
                seen.withLockedValue { $0.append(request) }
                return echo(request)
            }
        ) { port async throws in
            let url = "https://localhost:\(port)/a?b=c"
            for version in ["--http2", "--http1.1"] {
                let answer = try await curl(authority, version, "-H", "X-One: 1", "-A", "test", "--data", "body", url)
                #expect(answer.text == "POST /a b=c body")
            }
            let requests = seen.withLockedValue { $0 }
            try #require(requests.count == 2)
            #expect(requests[0].head.method == requests[1].head.method)
            #expect(requests[0].head.authority == "localhost:\(port)")
            #expect(requests[0].head.authority == requests[1].head.authority)
            #expect(requests[0].head.path == requests[1].head.path)
            #expect(requests[0].head.headerFields[.userAgent] == "test")
            for name in requests[1].head.headerFields.map(\.name) {
                #expect(requests[0].head.headerFields[name] == requests[1].head.headerFields[name], "\(name)")
            }
            #expect(requests[0].body == requests[1].body)
        }
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority) { port async throws in
            let text = try await curl(authority, "--http2", "--head", "https://localhost:\(port)/x").text.lowercased()
            #expect(text.hasPrefix("http/2 200"))
            #expect(text.contains("content-length: \("HEAD /x - ".utf8.count)\r\n"))
            #expect(!text.contains("connection:"))
        }
    }

    @Test func largeBodyArrivesWhole() async throws {
        let authority = try await CertificateAuthority()
        let piece = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let response = ListenerResponse(status: .ok, body: Array(repeating: piece, count: 20))
        try await serving(authority, handler: { _ in response }) { port async throws in
            let data = try await curl(authority, "--http2", "https://localhost:\(port)/").output
            #expect(data.count == 20 * 1_048_576)
            #expect((0..<20).allSatisfy { data[($0 * 1_048_576)..<(($0 + 1) * 1_048_576)].elementsEqual(piece) })
        }
    }

    @Test func manyRequestsShareAConnection() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority) { port async throws in
            let directory = try TemporaryDirectory()
            let answer = try await curl(
                authority, "--http2", "--parallel", "--parallel-max", "50", "-o", directory.path("#1"), "-w",
                "%{http_version} %{http_code}\n", "https://localhost:\(port)/[1-200]")
            #expect(answer.text == String(repeating: "2 200\n", count: 200))
            for number in 1...200 {
                let text = try String(contentsOfFile: directory.path("\(number)"), encoding: .utf8)
                #expect(text == "GET /\(number) - ")
            }
        }
    }

    @Test func oversizedBodyIsRefused() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.maximumBodyBytes = 100 }) { port async throws in
            for version in ["--http2", "--http1.1"] {
                let body = String(repeating: "x", count: 100_000)
                let answer = try await curl(
                    authority, version, "--data", body, "-w", "%{http_code}", "https://localhost:\(port)/")
                #expect(answer.text.hasSuffix("413"), "\(version) \(answer.text) \(answer.status)")
            }
        }
    }

    @Test func oversizedHeadIsRefused() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.maximumHeaderBytes = 16_384 }) { port async throws in
            let long = (0..<30).flatMap { ["-H", "X-\($0): \(String(repeating: "x", count: 1000))"] }
            let url = "https://localhost:\(port)/"
            let refused = try await Command.run(
                ["curl", "-q", "-s", "--noproxy", "*", "--http2", "--cacert", authority.certificate] + long + [url])
            #expect(!refused.text.contains("GET /"))
            let client = try await HTTP2Client(port: port, authority: authority)
            let many = try await client.request("GET", "/", fields: (0..<101).map { ("x-\($0)", "x") })
            try await eventually("an answer to too many fields") { many.received.isComplete }
            #expect(many.received.status == "431")
            // The connection continues to serve others.
            let next = try await client.request("GET", "/")
            try await eventually("an answer") { next.received.isComplete }
            #expect(next.received.status == "200")
            await client.close()
        }
    }

    // MARK: Time

    @Test func unfinishedRequestTimesOutAlone() async throws {
        let authority = try await CertificateAuthority()
        try await serving(
            authority,
            {
                $0.requestTimeout = .seconds(3)
                $0.maximumBodyBytes = 100
            }
        ) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            let half = try await client.request("POST", "/half", isEnd: false)
            try await half.send("12345", isEnd: false)
            let whole = try await client.request("GET", "/whole")
            try await eventually("the answer to the whole request") { whole.received.isComplete }
            #expect(whole.received.status == "200")
            try await eventually("the unfinished request's end") { half.received.isClosed }
            #expect(half.received.status == nil)
            let another = try await client.request("GET", "/another")
            try await eventually("an answer on the same connection") { another.received.isComplete }
            await client.close()
        }
    }

    @Test func idleConnectionIsClosedWithGoAway() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.idleTimeout = .seconds(3) }) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            let request = try await client.request("GET", "/")
            try await eventually("the connection's end") { client.isClosed }
            #expect(request.received.isComplete)
            #expect(client.goAwayStream == 1)
        }
    }

    @Test func stalledReaderIsDisconnected() async throws {
        let authority = try await CertificateAuthority()
        let response = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 0, count: 1_048_576), count: 8))
        try await serving(authority, { $0.idleTimeout = .seconds(3) }, handler: { _ in response }) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            let stalled = try await client.request("GET", "/", reads: false)
            try await eventually("the connection's end") { client.isClosed }
            #expect(!stalled.received.isComplete)
        }
    }

    // MARK: The listener's end

    @Test func shutdownSendsGoAwayAndFinishesTheResponse() async throws {
        let authority = try await CertificateAuthority()
        let gate = Gate()
        var configuration = ListenerConfiguration()
        configuration.drainTimeout = .seconds(60)
        configuration.security = try ConnectionSecurity.fixed(try await authority.serverConfiguration(http2: true))
        let listener = try await HTTPListener.bind(
            to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: configuration, handler: gate.handle)
        let port = try #require(listener.addresses.first).port
        let service = Task { try await listener.run() }
        let client = try await HTTP2Client(port: port, authority: authority)
        let busy = try await client.request("GET", "/busy")
        await gate.waitForEntry()
        service.cancel()
        try await eventually("GOAWAY") { client.goAwayStream != nil }
        #expect(client.goAwayStream == 1)
        #expect(!client.isClosed && !busy.received.isClosed)
        gate.open()
        try await eventually("the answer") { busy.received.isComplete }
        #expect(busy.received.status == "200")
        #expect(busy.received.bytes == "GET /busy - ".utf8.count)
        try await service.value
        try await eventually("the connection's end") { client.isClosed }
    }

    @Test func requestIsCancelledWithItsStream() async throws {
        let authority = try await CertificateAuthority()
        let gate = Gate()
        try await serving(authority, handler: gate.handle) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            _ = try await client.request("GET", "/")
            await gate.waitForEntry()
            await client.close()
            try await eventually("the handler's cancellation") { gate.wasCancelled }
        }
    }

    @Test func busyListenerRefusesTheNextConnection() async throws {
        let authority = try await CertificateAuthority()
        let gate = Gate()
        try await serving(authority, { $0.maximumConnections = 1 }, handler: gate.handle) { port async throws in
            let busy = try await HTTP2Client(port: port, authority: authority)
            let request = try await busy.request("GET", "/")
            await gate.waitForEntry()
            let other = try await HTTP2Client(port: port, authority: authority)
            let refused = try await other.request("GET", "/")
            try await eventually("an answer") { refused.received.isComplete }
            #expect(refused.received.status == "503")
            try await eventually("the end of the connection that is one too many") { other.isClosed }
            gate.open()
            try await eventually("the answer") { request.received.isComplete }
            #expect(request.received.status == "200")
            await busy.close()
        }
    }
}
