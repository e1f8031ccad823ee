import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestTools
import Testing

/// Clients that request much and read little, and their cost in addition to the shared body.
@Suite(.serialized) struct SlowReaderTests {
    /// 36 MB, about the size of the metrics of ten thousand buckets.
    private static let body: [[UInt8]] = (0..<36).map { number in [UInt8](repeating: UInt8(number), count: 1_000_000) }

    @Test func hundredHTTP1ReadersShareTheBody() async throws {
        let response = ListenerResponse(status: .ok, body: Self.body)
        try await serving(handler: { _ in response }) { port async throws in
            let before = try residentBytes()
            let readers = try await blocking {
                try (0..<100).map { _ in
                    let client = try RawClient(port: port, receiveBufferBytes: 4096)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    // The response has begun, and the client does not read the rest.
                    _ = try client.receive(100)
                    return client
                }
            }
            // Another client that reads is served meanwhile, completely.
            let whole = try await Command.curl("-o", "/dev/null", "-w", "%{size_download}", "http://127.0.0.1:\(port)/")
            #expect(whole.text == "36000000")
            let cost = try residentBytes() - before
            #expect(!sanitizerOptions.isEmpty || cost < 100 * 400_000, "\(cost) bytes for 100 readers")
            for reader in readers { reader.close() }
        }
    }

    @Test func hundredHTTP2StreamsShareTheBody() async throws {
        let authority = try await CertificateAuthority()
        let response = ListenerResponse(status: .ok, body: Self.body)
        try await serving(authority, handler: { _ in response }) { port async throws in
            let before = try residentBytes()
            var clients: [HTTP2Client] = []
            var streams: [HTTP2Client.Stream] = []
            for _ in 0..<20 {
                let client = try await HTTP2Client(port: port, authority: authority)
                for _ in 0..<5 { streams.append(try await client.request("GET", "/", reads: false)) }
                clients.append(client)
            }
            let whole = try await Command.curl(
                "--http2", "--cacert", authority.certificate, "-o", "/dev/null", "-w", "%{size_download}",
                "https://localhost:\(port)/")
            #expect(whole.text == "36000000")
            let cost = try residentBytes() - before
            #expect(!sanitizerOptions.isEmpty || cost < 100 * 400_000, "\(cost) bytes for 100 streams")
            #expect(streams.allSatisfy { !$0.received.isComplete })
            for client in clients { await client.close() }
        }
    }

    /// TLS accepts any amount of data, so it must not be given everything at once.
    @Test(arguments: ["--http1.1", "--http2"])
    func tlsReadersShareTheBody(_ version: String) async throws {
        let authority = try await CertificateAuthority()
        let response = ListenerResponse(status: .ok, body: Self.body)
        let asked = NIOLockedValueBox(0)
        try await serving(
            authority,
            handler: { _ in
                asked.withLockedValue { $0 += 1 }
                return response
            }
        ) { port async throws in
            let url = "https://localhost:\(port)/"
            let before = try residentBytes()
            let readers = (0..<5).map { _ in
                Task {
                    try await Command.curl(
                        version, "--max-time", "5", "--limit-rate", "10k", "--cacert", authority.certificate, "-o", "/dev/null",
                        url)
                }
            }
            try await eventually("all requests") { asked.withLockedValue { $0 } == 5 }
            let whole = try await Command.curl(
                version, "--cacert", authority.certificate, "-o", "/dev/null", "-w", "%{size_download}", url)
            #expect(whole.text == "36000000")
            let cost = try residentBytes() - before
            #expect(!sanitizerOptions.isEmpty || cost < 30_000_000, "\(cost) bytes for 5 readers")
            for reader in readers { _ = try await reader.value }
        }
    }
}
