import HTTPServer
import HTTPTypes
import TestTools
import Testing

/// Requests and responses on real sockets.
@Suite struct HTTPListenerTests {
    /// Sends bytes, and returns the only response, or everything received until the end of the connection.
    private func exchange(_ port: Int, _ request: String) async throws -> String {
        try await blocking {
            let client = try RawClient(port: port)
            try client.send(request)
            guard let response = try client.response() else { return "" }
            return response.head + response.text
        }
    }

    private func exchangeToTheEnd(_ port: Int, _ request: String) async throws -> String {
        try await blocking {
            let client = try RawClient(port: port)
            try client.send(request)
            return try client.receiveAll()
        }
    }

    @Test func connectionServesManyRequests() async throws {
        try await serving { port async throws in
            try await blocking {
                let client = try RawClient(port: port)
                for number in 0..<20 {
                    try client.send("GET /\(number)?q=\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                    let response = try client.response()
                    #expect(response?.status == 200)
                    #expect(response?.text == "GET /\(number) q=\(number) ")
                    #expect(response?["connection"] == nil)
                }
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        // The first request takes longest, yet its answer must come first.
        let handler: HTTPListener.Handler = { request in
            if request.path == "/0" { for _ in 0..<1000 { await Task.yield() } }
            return echo(request)
        }
        try await serving(handler: handler) { port async throws in
            try await blocking {
                let client = try RawClient(port: port)
                try client.send(
                    (0..<50).map { "POST /\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nb\($0 % 10)." }.joined())
                for number in 0..<50 { #expect(try client.response()?.text == "POST /\(number) - b\(number % 10).") }
            }
        }
    }

    @Test func clientMayCloseTheConnection() async throws {
        try await serving { port async throws in
            let text = try await exchangeToTheEnd(
                port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.lowercased().contains("connection: close"))
            #expect(!text.contains("/second"))
            let old = try await exchangeToTheEnd(port, "GET / HTTP/1.0\r\n\r\n")
            #expect(old.contains("200 OK") && old.lowercased().contains("connection: close"))
        }
    }

    @Test func headHasTheLengthAndNoBody() async throws {
        try await serving { port async throws in
            try await blocking {
                let client = try RawClient(port: port)
                try client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try #require(try client.response(toHead: true))
                #expect(head.status == 200)
                #expect(head["content-length"] == "\("HEAD /x - ".utf8.count)")
                #expect(try client.response()?.text == "GET /y - ")
            }
        }
    }

    @Test func emptyBodyIsSent() async throws {
        try await serving(handler: { _ in ListenerResponse(status: .ok, body: [[], [UInt8(ascii: "a")], []]) }) {
            port async throws in
            #expect(try await exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\na"))
        }
        try await serving(handler: { _ in ListenerResponse(status: .notFound) }) { port async throws in
            let text = try await exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").lowercased()
            #expect(text.contains("404 not found") && text.contains("content-length: 0"))
        }
    }

    @Test(arguments: [
        ("http://example.com/metrics?x=1", "GET /metrics x=1 "), ("http://example.com", "GET / - "),
        ("HTTPS://example.com/a", "GET /a - "),
        ("/", "GET / - "), ("//x", "GET //x - "), ("/a?b?c", "GET /a b?c "), ("/%2e%2e/", "GET /%2e%2e/ - "),
        ("http://example.com?x=1", "GET / x=1 "),
    ])
    func targetsAreConvertedToOriginForm(_ target: String, _ answer: String) async throws {
        try await serving { port async throws in
            #expect(try await exchange(port, "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\n\(answer)"))
        }
    }

    @Test(arguments: ["nonsense", "example.com:80", "ftp://x/"])
    func otherTargetsAreRefused(_ target: String) async throws {
        try await serving { port async throws in
            let text = try await exchange(port, "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 400 "), "\(text)")
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "GET / HTTP/9.9\r\n\r\n",
    ])
    func invalidHTTPEndsTheConnection(_ bytes: String) async throws {
        try await serving { port async throws in
            let text = try await exchangeToTheEnd(port, bytes)
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 4") || text.hasPrefix("HTTP/1.1 5"), "\(text)")
            // The listener is not affected.
            #expect(try await exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("200 OK"))
        }
    }

    // MARK: Bodies

    @Test func bodyIsReadUpToItsLimit() async throws {
        try await serving({ $0.maximumBodyBytes = 10 }) { port async throws in
            let whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789"
            #expect(try await exchange(port, whole).hasSuffix("POST / - 0123456789"))
            let long = try await exchange(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n0123456789a")
            #expect(long.hasPrefix("HTTP/1.1 413 ") && long.lowercased().contains("connection: close"))
        }
    }

    @Test func chunkedBodyHasTheSameLimit() async throws {
        try await serving({ $0.maximumBodyBytes = 6 }) { port async throws in
            let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            #expect(try await exchange(port, head + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n").hasSuffix("POST / - abcdef"))
            #expect(try await exchange(port, head + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n").hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func limitOfZeroRefusesEveryBody() async throws {
        try await serving({ $0.maximumBodyBytes = 0 }) { port async throws in
            #expect(
                try await exchange(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na").hasPrefix("HTTP/1.1 413 "))
            #expect(try await exchange(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").hasSuffix("POST / - "))
        }
    }

    @Test func largeBodyReachesASlowReader() async throws {
        let piece = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let response = ListenerResponse(status: .ok, body: Array(repeating: piece, count: 20))
        try await serving(handler: { _ in response }) { port async throws in
            let body = try await blocking {
                let client = try RawClient(port: port, receiveBufferBytes: 8192)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response()?.body ?? []
            }
            #expect(body.count == 20 * 1_048_576)
            #expect((0..<20).allSatisfy { body[($0 * 1_048_576)..<(($0 + 1) * 1_048_576)].elementsEqual(piece) })
        }
    }

    @Test func abortedResponseIsTruncated() async throws {
        let handler: HTTPListener.Handler = { _ in
            var response = ListenerResponse(status: .ok, body: [Array(repeating: UInt8(ascii: "x"), count: 1000)])
            response.ending = .brokenOff
            return response
        }
        try await serving(handler: handler) { port async throws in
            let text = try await exchange(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.lowercased().contains("content-length: 1000\r\n"))
            #expect(text.hasSuffix("\r\n\r\n" + String(repeating: "x", count: 500)))
        }
    }
}
