import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite struct FailureTests {
    @Test func refusedConnection() async throws {
        try await Loopback.withRefusingPort { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("http://127.0.0.1:\(port)/x?y"))
                #expect(error.kind == .connectionFailed)
                #expect(error.message == "cannot connect to 127.0.0.1:\(port): Connection refused")
            }
        }
    }

    /// The resolver itself refuses a label of more than 63 characters, without contacting a server. Runs in a separate process, in which
    /// the environment's proxies are not used either.
    @Test func unresolvableName() async throws {
        await #expect(processExitsWith: .success) {
            setenv("no_proxy", "*", 1)
            let name = String(repeating: "a", count: 64) + ".example"
            try await withTransport { transport in
                let error = try #require(await transport.failure("http://\(name)/"))
                #expect(error.kind == .nameNotResolved)
                #expect(error.message.contains(name))
            }
        }
    }

    /// Linux does not answer connections beyond a listener's backlog.
    @Test func connectTimeoutApplies() async throws {
        let listener = try Loopback.listen(backlog: 0)
        let port = Loopback.port(of: listener)
        let others = (0..<8).map { _ in Loopback.startConnecting(port: port) }
        defer { Loopback.close(others + [listener]) }
        try await withTransport({ $0.connectTimeout = .milliseconds(200) }) { transport in
            let error = try #require(await transport.failure("http://127.0.0.1:\(port)/"))
            #expect(error.kind == .connectTimedOut)
            #expect(error.message == "no connection to 127.0.0.1:\(port) within 200 ms")
        }
    }

    @Test func totalTimeoutClosesTheConnection() async throws {
        let ended = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.waitForEnd()
            ended.fire()
        }
        defer { server.stop() }
        try await withTransport({ $0.totalTimeout = .milliseconds(200) }) { transport in
            // If the machine stalls at the start, the time limit may pass before there is a connection.
            repeat {
                let error = try #require(await transport.failure(server.url))
                #expect(error.kind == .timedOut)
                #expect(error.message == "127.0.0.1:\(server.port) did not answer within 200 ms")
            } while server.acceptedConnections == 0
            await ended.wait()
        }
    }

    @Test func requestTimeoutOverridesTheConfiguration() async throws {
        let server = try RawServer { $0.waitForEnd() }
        defer { server.stop() }
        try await withTransport { transport in
            #expect(await transport.failure(server.url, timeout: .milliseconds(100))?.kind == .timedOut)
            #expect(await transport.failure(server.url, timeout: .zero)?.kind == .timedOut)
            #expect(await transport.failure(server.url, timeout: .seconds(-1))?.kind == .timedOut)
        }
    }

    @Test func timeoutAppliesToTheBody() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withTransport { transport in
            #expect(await transport.failure(server.url, timeout: .milliseconds(150))?.kind == .timedOut)
        }
    }

    @Test func truncatedBodyFails() async throws {
        let handler: HTTPListener.Handler = { _ in
            var response = ListenerResponse(status: .ok, body: [Array(repeating: 1, count: 10_000)])
            response.ending = .brokenOff
            return response
        }
        try await withListener(handler: handler) { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("http://127.0.0.1:\(port)/"))
                #expect(error.kind == .connectionBroken)
                #expect(error.message.contains("127.0.0.1:\(port)"))
                #expect(error.message.contains("ended the connection before the response was complete"))
            }
        }
    }

    @Test func truncatedChunkedBodyFails() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        }
        defer { server.stop() }
        try await withTransport { transport in
            #expect(await transport.failure(server.url)?.kind == .connectionBroken)
        }
    }

    @Test(arguments: [false, true])
    func emptyReplyFails(isReset: Bool) async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            if isReset { connection.reset() }
        }
        defer { server.stop() }
        try await withTransport { transport in
            let error = try #require(await transport.failure(server.url))
            #expect(error.kind == .connectionBroken)
            #expect(error.message.contains("127.0.0.1:\(server.port)"))
            #expect(error.message.contains("reset") == isReset, "\(error.message)")
        }
    }

    @Test func invalidHTTPOrCodingFails() async throws {
        let garbage = try RawServer.answering("220 mail.example ESMTP\r\n")
        let badGzip = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
        defer {
            garbage.stop()
            badGzip.stop()
        }
        try await withTransport { transport in
            #expect(await transport.failure(garbage.url)?.kind == .invalidResponse)
            #expect(await transport.failure(badGzip.url)?.kind == .invalidResponse)
        }
    }

    @Test(arguments: [1000, 1001])
    func bodyMayHaveExactlyTheLimit(length: Int) async throws {
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(status: .ok, body: [Array(repeating: 7, count: length)])
        }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumResponseBytes = 1000 }) { transport in
                let url = "http://127.0.0.1:\(port)/"
                if length > 1000 {
                    let error = try #require(await transport.failure(url))
                    #expect(error.kind == .responseTooLarge(limit: 1000))
                    #expect(error.message == "the response of 127.0.0.1:\(port) exceeds 1000 bytes")
                } else {
                    #expect(try await transport.get(url).body.count == length)
                }
            }
        }
    }

    @Test func endlessBodyIsCutAtTheLimit() async throws {
        let ended = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<100 { connection.write("64\r\n" + String(repeating: "x", count: 100) + "\r\n") }
            connection.waitForEnd()
            ended.fire()
        }
        defer { server.stop() }
        try await withTransport({ $0.maximumResponseBytes = 1000 }) { transport in
            #expect(await transport.failure(server.url)?.kind == .responseTooLarge(limit: 1000))
            await ended.wait()
        }
    }

    @Test func gzipBombCountsByItsExpandedSize() async throws {
        let bomb = try Gzip.compress(String(repeating: "0", count: 20_000_000))
        #expect(bomb.count < 100_000)
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(status: .ok, headerFields: [.contentEncoding: "gzip"], body: [bomb])
        }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumResponseBytes = 1_000_000 }) { transport in
                let error = await transport.failure("http://127.0.0.1:\(port)/")
                #expect(error?.kind == .responseTooLarge(limit: 1_000_000))
            }
        }
    }

    @Test func endlessHeadFails() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\n")
            for number in 0..<1000 { connection.write("X-\(number): " + String(repeating: "x", count: 1000) + "\r\n") }
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withTransport { transport in
            let kind = await transport.failure(server.url)?.kind
            #expect(kind == .responseTooLarge(limit: ResponseHead.maximumBytes))
        }
    }

    @Test func transportWorksAfterEachFailure() async throws {
        let server = try RawServer { connection in
            while let head = connection.readHead() {
                guard !head.hasPrefix("GET /die") else { return }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        defer { server.stop() }
        try await withTransport { transport in
            for _ in 0..<20 {
                #expect(await transport.failure(server.url + "/die")?.kind == .connectionBroken)
                let response = try await transport.get(server.url + "/live")
                #expect(response.text == "ok")
            }
        }
    }

    /// Some of the text may come from the server.
    @Test func messageIsShortAndOneLine() {
        let error = TransferError(kind: .other(code: 1), message: "a\r\nb\u{0}" + String(repeating: "x", count: 60_000))
        #expect(error.message.hasPrefix("a  b xxx") && error.message.hasSuffix("x…"))
        #expect(error.message.utf8.count < 1000)
        let longest = String(repeating: "y", count: 500)
        #expect(TransferError(kind: .other(code: 1), message: longest).message == longest)
    }

    @Test func kindsHaveDistinctSnakeCaseNames() {
        let kinds: [TransferError.Kind] = [
            .cancelled, .shutDown, .invalidURL, .invalidRequest, .nameNotResolved, .connectionFailed, .connectTimedOut, .timedOut,
            .tlsFailed, .certificateRejected, .responseTooLarge(limit: 1), .tooManyRedirects, .redirectRefused,
            .connectionBroken, .invalidResponse, .proxyFailed, .configuration, .other(code: 1),
        ]
        #expect(Set(kinds.map(\.word)).count == kinds.count)
        for kind in kinds { #expect(kind.word.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }) }
    }
}
