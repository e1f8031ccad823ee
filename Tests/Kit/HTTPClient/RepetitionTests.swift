import Dispatch
import HTTPTypes
import NIOConcurrencyHelpers
import Testing

@testable import HTTPClient

/// When a pooled connection is closed before any byte of the response, libcurl sends the request again on another one.
@Suite struct RepetitionTests {
    private static let pooled = 6
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n"

    /// Fills the pool with connections to a server that closes a connection after any request but a GET, without a response.
    /// - Parameter body: receives the transport, the server's URL, and the paths of the other requests so far.
    private func withPool(_ body: (CurlTransport, String, () -> [Substring]) async throws -> Void) async throws {
        let paths = NIOLockedValueBox<[Substring]>([])
        let opened = NIOLockedValueBox(0)
        // No GET is answered before all connections are open: otherwise, one connection could serve all.
        let areOpen = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            var isNew = true
            while let head = connection.readHead() {
                let path = head.split(separator: " ")[1]
                if head.hasPrefix("GET ") {
                    if isNew,
                        opened.withLockedValue({
                            $0 += 1; return $0
                        }) == Self.pooled
                    {
                        areOpen.signal()
                    }
                    isNew = false
                    areOpen.wait()
                    areOpen.signal()
                    connection.write(Self.ok)
                } else {
                    paths.withLockedValue { $0.append(path) }
                    guard path == "/from" else { return }
                    connection.write(Self.redirect)
                }
            }
        }
        defer { server.stop() }
        try await withTransport { transport in
            try await withThrowingTaskGroup { group in
                for _ in 0..<Self.pooled { group.addTask { try await transport.get(server.url).text } }
                for try await text in group { #expect(text == "ok") }
            }
            try await body(transport, server.url) { paths.withLockedValue { $0 } }
        }
    }

    @Test(arguments: [nil, false])
    func requestThatDoesMoreThanReadIsSentOnce(isRepeatable: Bool?) async throws {
        try await withPool { transport, url, paths in
            let error = await transport.failure(TransferRequest(method: .post, url: url + "/to", isRepeatable: isRepeatable))
            #expect(error?.kind == .connectionBroken)
            #expect(paths() == ["/to"])
        }
    }

    @Test func redirectedRequestIsSentOnceToEachTarget() async throws {
        try await withPool { transport, url, paths in
            let error = try #require(await transport.failure(TransferRequest(method: .post, url: url + "/from")))
            #expect(error.kind == .connectionBroken)
            #expect(
                error.message.hasSuffix("ended the connection before the response was complete; the request is not sent again"))
            #expect(paths() == ["/from", "/to"])
        }
    }

    /// Otherwise, the tests above would prove nothing.
    @Test func repeatableRequestIsSentAgain() async throws {
        try await withPool { transport, url, paths in
            let request = TransferRequest(method: .post, url: url + "/to", isRepeatable: true)
            #expect(await transport.failure(request)?.kind == .connectionBroken)
            #expect(paths().count > 1)
        }
    }

    /// - Parameter connections: how many connections three reading requests and two others between them open.
    @Test(arguments: [(perHost: 64, connections: 3), (perHost: 1, connections: 5)])
    func ownConnectionIsNotKept(perHost: Int, connections: Int) async throws {
        let server = try RawServer.answering(Self.ok)
        defer { server.stop() }
        try await withTransport({ $0.maximumConnectionsPerHost = perHost }) { transport in
            for method in [HTTPRequest.Method.get, .post, .get, .post, .get] {
                let response = try await transport.execute(TransferRequest(method: method, url: server.url))
                #expect(response.text == "ok")
            }
        }
        #expect(server.acceptedConnections == connections)
    }
}
