import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

/// Limits on responses, by request, by status and over all transfers.
@Suite(.timeLimit(.minutes(10))) struct ResponseLimitTests {
    private static let endless: @Sendable (RawConnection, String) -> Void = { connection, status in
        _ = connection.readHead()
        connection.write("HTTP/1.1 \(status)\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
        for _ in 0..<1000 { connection.write(chunk) }
        connection.waitForEnd()
    }

    @Test func requestLimitCanOnlyLowerTheTransportLimit() async throws {
        let handler: HTTPListener.Handler = { _ in ListenerResponse(status: .ok, body: [Array(repeating: 7, count: 1000)]) }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumResponseBytes = 1000 }) { transport in
                for (limit, isRead) in [(999, false), (1000, true), (1_000_000, true)] {
                    var request = TransferRequest(method: .get, url: "http://127.0.0.1:\(port)/")
                    request.maximumResponseBytes = limit
                    let failure = await transport.failure(request)
                    #expect(failure?.kind == (isRead ? nil : .responseTooLarge(limit: 999)))
                }
            }
        }
    }

    @Test(arguments: ["500 No", "404 No", "302 Found"])
    func endlessErrorBodyIsReadInPart(_ status: String) async throws {
        let server = try RawServer { Self.endless($0, status) }
        defer { server.stop() }
        try await withTransport { transport in
            let response = try await transport.get(server.url)
            #expect(response.status.code == Int(status.prefix(3)))
            #expect(response.body.count == 16 * 1024)
        }
    }

    @Test func longErrorBodyIsReadInPart() async throws {
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(status: .badGateway, body: [Array(repeating: 7, count: 1_000_000)])
        }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumResponseBytes = 100_000 }) { transport in
                for _ in 0..<3 {
                    let response = try await transport.get("http://127.0.0.1:\(port)/")
                    #expect(response.status == .badGateway && response.body.count == 16 * 1024)
                }
            }
        }
    }

    @Test func totalOfAllBodiesIsLimited() async throws {
        let handler: HTTPListener.Handler = { _ in ListenerResponse(status: .ok, body: [Array(repeating: 7, count: 1000)]) }
        try await withListener(handler: handler) { port in
            try await withTransport({ $0.maximumBytesInFlight = 2500 }) { transport in
                let url = "http://127.0.0.1:\(port)/"
                var held = [try await transport.get(url), try await transport.get(url)]
                let failure = try #require(await transport.failure(url))
                #expect(failure.kind == .responseTooLarge(limit: 2500))
                #expect(
                    failure.message
                        == "responses in flight exceed 2500 bytes in total; aborted the one of 127.0.0.1:\(port)")
                #expect(held.map(\.body.count) == [1000, 1000])
                held = []
                for _ in 0..<10 { #expect(try await transport.get(url).body.count == 1000) }
            }
        }
    }

    @Test func endlessBodiesStayWithinTheTotalLimit() async throws {
        let server = try RawServer { Self.endless($0, "200 OK") }
        defer { server.stop() }
        try await withTransport({ $0.maximumBytesInFlight = 1_000_000 }) { transport in
            let kinds = await withTaskGroup(of: TransferError.Kind?.self) { group in
                for _ in 0..<8 { group.addTask { await transport.failure(server.url)?.kind } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kinds == Array(repeating: .responseTooLarge(limit: 1_000_000), count: 8))
            // None of their bytes are counted any more.
            #expect(await transport.failure(server.url)?.kind == .responseTooLarge(limit: 1_000_000))
        }
    }

    @Test(arguments: [true, false])
    func endlessInterimHeadsAndTrailersFail(_ isInterim: Bool) async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            if !isInterim { connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n") }
            let field = "X: " + String(repeating: "x", count: 1000) + "\r\n"
            for _ in 0..<1000 { connection.write(isInterim ? "HTTP/1.1 103 Early Hints\r\n\(field)\r\n" : field) }
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withTransport { transport in
            #expect(await transport.failure(server.url)?.kind == .responseTooLarge(limit: ResponseHead.maximumBytes))
        }
    }
}
