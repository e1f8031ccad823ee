import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import TestTools
import Testing

/// HTTP/2 clients that request much and do not open their windows.
@Suite(.serialized) struct StalledStreamTests {
    private static let resetStream: UInt8 = 3
    private static let refusedStream: [UInt8] = [0, 0, 0, 7]
    /// The maximum number of requests in progress on a connection.
    private static let streams = 8

    @Test func streamsBeyondTheLimitAreRefused() async throws {
        let authority = try await CertificateAuthority()
        let asked = NIOLockedValueBox(0)
        try await serving(
            authority,
            handler: { request in
                asked.withLockedValue { $0 += 1 }
                return echo(request)
            }
        ) { port async throws in
            let client = try await RawHTTP2Client(port: port, authority: authority, window: 0)
            try await client.get((0..<50).map { 2 * $0 + 1 })
            try await eventually("the refusals") {
                client.received.count { $0.kind == Self.resetStream && $0.payload == Self.refusedStream } == 50 - Self.streams
            }
            try await eventually("the others") { asked.withLockedValue { $0 } == Self.streams }
            #expect(!client.isClosed)
            await client.close()
        }
    }

    /// A piece is read into memory only when the client has made room for the previous ones.
    @Test func readingStopsWhenTheStreamIsFull() async throws {
        let authority = try await CertificateAuthority()
        let read = NIOLockedValueBox(0)
        let body = (0..<1000).map { _ in
            ResponsePiece(byteCount: 1024) {
                read.withLockedValue { $0 += 1024 }
                return ByteBuffer(repeating: 120, count: 1024)
            }
        }
        try await serving(authority, handler: { _ in ListenerResponse(status: .ok, body: body) }) { port async throws in
            for (window, expected) in [(0, 1), (40_000, 64)] as [(UInt32, Int)] {
                read.withLockedValue { $0 = 0 }
                let client = try await RawHTTP2Client(port: port, authority: authority, window: window)
                try await client.get([1])
                try await eventually("what the window lets through") {
                    client.received.filter { $0.kind == 0 }.map(\.payload.count).reduce(0, +) == Int(window)
                        && client.received.contains { $0.kind == 1 }
                }
                // Another request is answered meanwhile, so anything that could continue without the client has done so.
                let other = try await Command.curl(
                    "--http2", "--cacert", authority.certificate, "--head", "https://localhost:\(port)/")
                #expect(other.status == 0)
                #expect(read.withLockedValue { $0 } <= expected * 1024)
                await client.close()
            }
        }
    }

    @Test func closedWindowUsesLittleMemory() async throws {
        let authority = try await CertificateAuthority()
        let piece = [UInt8](repeating: 120, count: 1000)
        // Like many small families: pieces shorter than 4 KiB are copied together.
        let response = ListenerResponse(status: .ok, body: Array(repeating: piece, count: 100))
        try await serving(authority, handler: { _ in response }) { port async throws in
            let before = try residentBytes()
            var clients: [RawHTTP2Client] = []
            for _ in 0..<30 {
                let client = try await RawHTTP2Client(port: port, authority: authority, window: 0)
                try await client.get((0..<100).map { 2 * $0 + 1 })
                try await eventually("the answers") {
                    client.received.count { [1, Self.resetStream].contains($0.kind) } == 100
                }
                clients.append(client)
            }
            let cost = try residentBytes() - before
            #expect(!sanitizerOptions.isEmpty || cost < 30 * 600_000, "\(cost) bytes for 30 connections")
            for client in clients { await client.close() }
        }
    }

    /// New requests do not keep a connection open whose responses are not read.
    @Test func connectionWithoutReadsIsClosed() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.idleTimeout = .milliseconds(400) }) { port async throws in
            let client = try await RawHTTP2Client(port: port, authority: authority, window: 0)
            var stream: UInt32 = 1
            for _ in 0..<600 where !client.isClosed {
                try? await client.get([stream])
                stream += 2
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(client.isClosed)
        }
    }

    /// An unread response is aborted, and the others are not.
    @Test func connectionWithReadsIsKept() async throws {
        let authority = try await CertificateAuthority()
        let body = ListenerResponse(status: .ok, body: Array(repeating: [UInt8](repeating: 0, count: 65_536), count: 20))
        try await serving(
            authority, { $0.idleTimeout = .seconds(2) },
            handler: { $0.path == "/large" ? body : echo($0) }
        ) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            let stalled = try await client.request("GET", "/large", reads: false)
            for _ in 0..<600 where !stalled.received.isClosed {
                let small = try await client.request("GET", "/small")
                try await eventually("the small answer") { small.received.isComplete }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(stalled.received.isClosed && !stalled.received.isComplete)
            let next = try await client.request("GET", "/next")
            try await eventually("an answer on the same connection") { next.received.isComplete }
            await client.close()
        }
    }
}
