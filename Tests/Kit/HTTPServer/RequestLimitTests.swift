import Foundation
import HTTPServer
import HTTPTypes
import TestTools
import Testing

/// Requests that exceed the limits, and clients that do not read the answer at once.
@Suite struct RequestLimitTests {
    private func exchangeToTheEnd(_ port: Int, _ request: String) async throws -> String {
        try await blocking {
            let client = try RawClient(port: port)
            try client.send(request)
            return try client.receiveAll()
        }
    }

    // MARK: Heads

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "x", count: 70_000))\r\n\r\n",
        "GET /\(String(repeating: "x", count: 70_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n" + (0..<70).map { "X-\($0): \(String(repeating: "x", count: 1000))\r\n" }.joined() + "\r\n",
        "GET / HTTP/1.1\r\n" + (0..<101).map { "X-\($0): x\r\n" }.joined() + "\r\n",
        // Even without an end.
        "GET / HTTP/1.1\r\nX-Long: \(String(repeating: "x", count: 70_000))",
        "GET /\(String(repeating: "x", count: 70_000))",
    ])
    func oversizedHeadIsRefused(_ request: String) async throws {
        try await serving { port async throws in
            let text = try await exchangeToTheEnd(port, request)
            #expect(text.hasPrefix("HTTP/1.1 431 "), "\(text.prefix(200))")
            #expect(text.lowercased().contains("connection: close"))
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: \(String(repeating: "x", count: 60_000))\r\n\r\n",
        "GET /\(String(repeating: "x", count: 60_000)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + (0..<98).map { "X-\($0): x\r\n" }.joined() + "\r\n",
    ])
    func headUpToTheLimitIsRead(_ request: String) async throws {
        try await serving { port async throws in
            #expect(try await exchangeToTheEnd(port, request).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func limitAppliesToEachRequest() async throws {
        try await serving { port async throws in
            try await blocking {
                let client = try RawClient(port: port)
                for _ in 0..<10 {
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "x", count: 30_000))\r\n\r\n")
                    #expect(try client.response()?.status == 200)
                }
            }
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nno colon\r\n\r\n", "nonsense\r\n\r\n"])
    func invalidHTTPIsAnswered400(_ request: String) async throws {
        try await serving { port async throws in
            let text = try await exchangeToTheEnd(port, request)
            #expect(text.hasPrefix("HTTP/1.1 400 ") && text.hasSuffix("The request is not valid HTTP.\n"), "\(text)")
        }
    }

    // MARK: Bodies

    @Test func declaredOversizedBodyIsRefusedBeforeItIsSent() async throws {
        try await serving({ $0.maximumBodyBytes = 10 }) { port async throws in
            let text = try await exchangeToTheEnd(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(arguments: ["Content-Length: 5", "Transfer-Encoding: chunked"])
    func expectContinueIsRefusedForAnOversizedBody(_ field: String) async throws {
        try await serving({ $0.maximumBodyBytes = 0 }) { port async throws in
            let text = try await exchangeToTheEnd(port, "POST / HTTP/1.1\r\nHost: x\r\n\(field)\r\nExpect: 100-continue\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func expectContinueIsConfirmed() async throws {
        try await serving({ $0.maximumBodyBytes = 10 }) { port async throws in
            let response = try await blocking {
                let client = try RawClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                #expect(try client.response()?.status == 100)
                try client.send("12345")
                return try client.response()
            }
            #expect(response?.text == "POST / - 12345")
        }
    }

    /// A reset, sent because the rest is not read, would discard the answer before the client reads it.
    @Test(arguments: ["Content-Length: 8388608", "Transfer-Encoding: chunked"])
    func responseToAnOversizedBodyIsNotLost(_ field: String) async throws {
        try await serving({ $0.maximumBodyBytes = 0 }) { port async throws in
            let text = try await blocking {
                let client = try RawClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: x\r\n\(field)\r\n\r\n")
                let chunk = "10000\r\n\(String(repeating: "x", count: 65_536))\r\n"
                for _ in 0..<100 { try client.send(chunk) }
                return try client.receiveAll()
            }
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func clientThatKeepsSendingIsDisconnected() async throws {
        try await serving({ $0.lingerTimeout = .milliseconds(200) }) { port async throws in
            let sent = try await blocking {
                let client = try RawClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
                for count in 0..<100_000 {
                    do { try client.send("still here") } catch _ { return count }
                    usleep(1000)
                }
                return 100_000
            }
            #expect(sent < 100_000)
        }
    }
}
