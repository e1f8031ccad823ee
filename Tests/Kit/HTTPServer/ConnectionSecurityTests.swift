import Foundation
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import NIOSSL
import TestTools
import Testing

/// Connections under TLS, and which clients are admitted.
@Suite struct ConnectionSecurityTests {
    /// A response's text and HTTP status, or curl's exit status without a response.
    private func get(_ authority: CertificateAuthority, _ port: Int, _ arguments: [String] = []) async throws -> String {
        let result = try await Command.run(
            ["curl", "-q", "--silent", "--noproxy", "*", "--max-time", "60", "--cacert", authority.certificate]
                + arguments + ["-w", "%{http_code}", "https://localhost:\(port)/"])
        return result.status == 0 ? result.text : "curl \(result.text)"
    }

    @Test func eachConnectionUsesTheCurrentConfiguration() async throws {
        let (old, new) = (try await CertificateAuthority(), try await CertificateAuthority())
        let (before, after) = (
            ConnectionSecurity(context: try NIOSSLContext(configuration: try await old.serverConfiguration())),
            ConnectionSecurity(context: try NIOSSLContext(configuration: try await new.serverConfiguration()))
        )
        let current = NIOLockedValueBox<ConnectionSecurity?>(before)
        try await serving({ $0.security = { current.withLockedValue { $0 } } }) { port async throws in
            #expect(try await get(old, port) == "GET / - 200")
            #expect(try await get(new, port) == "curl 000")
            current.withLockedValue { $0 = after }
            #expect(try await get(new, port) == "GET / - 200")
            #expect(try await get(old, port) == "curl 000")
            current.withLockedValue { $0 = nil }
            let plain = try await Command.curl("http://127.0.0.1:\(port)/")
            #expect(plain.text == "GET / - ")
        }
    }

    @Test(arguments: ["--http2", "--http1.1"])
    func clientCertificateIsVerifiedBeforeARequestIsRead(_ version: String) async throws {
        let authority = try await CertificateAuthority()
        let friend = try await authority.issue("friend.example", .client, names: "DNS:friend.example")
        let stranger = try await authority.issue("stranger.example", .client, names: "DNS:stranger.example")
        var tls = try await authority.serverConfiguration(http2: true)
        tls.certificateVerification = .noHostnameVerification
        tls.trustRoots = .file(authority.certificate)
        let security = ConnectionSecurity(
            context: try NIOSSLContext(configuration: tls), offersHTTP2: true,
            acceptsClientCertificate: { certificate in
                certificate._subjectAlternativeNames().contains { Array($0.contents) == Array("friend.example".utf8) }
            })
        let served = NIOLockedValueBox(0)
        try await serving(
            { $0.security = { security } },
            handler: { request in
                served.withLockedValue { $0 += 1 }
                return echo(request)
            }
        ) { port async throws in
            func options(_ client: CertificateAuthority.Identity) -> [String] {
                [version, "--cert", client.certificate, "--key", client.key]
            }
            #expect(try await get(authority, port, options(friend)) == "GET / - 200")
            #expect(try await get(authority, port, options(stranger)) == "curl 000")
            // A certificate chain of another authority, or no certificate, is rejected too.
            let other = try await CertificateAuthority()
            let forged = try await other.issue("friend.example", .client, names: "DNS:friend.example")
            #expect(try await get(authority, port, options(forged)) == "curl 000")
            #expect(try await get(authority, port, [version]) == "curl 000")
            #expect(served.withLockedValue { $0 } == 1)
        }
    }

    // MARK: Time

    /// The beginning of a handshake, and no data at all.
    @Test(arguments: [[], [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]] as [[UInt8]])
    func unfinishedHandshakeTimesOut(_ part: [UInt8]) async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.requestTimeout = .milliseconds(300) }) { port async throws in
            // The idle time-out is an hour: a client that has to wait for it fails here.
            let received = try await blocking {
                let client = try RawClient(port: port)
                try client.send(part)
                return try client.receive(1)
            }
            #expect(received.isEmpty)
        }
    }

    /// The idle time-out applies then, not the request time-out.
    @Test func connectionIsIdleAfterItsHandshake() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority, { $0.requestTimeout = .seconds(3) }) { port async throws in
            let client = try await HTTP2Client(port: port, authority: authority)
            // A later connection, whose time-out has passed.
            let silent = try await blocking { try RawClient(port: port).receive(1) }
            #expect(silent.isEmpty)
            let request = try await client.request("GET", "/")
            try await eventually("an answer") { request.received.isComplete }
            await client.close()
        }
    }

    @Test func clientWithoutTLSIsDisconnected() async throws {
        let authority = try await CertificateAuthority()
        try await serving(authority) { port async throws in
            let text = try await blocking {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.receiveAll()
            }
            #expect(!text.contains("HTTP/1.1 200"))
        }
    }
}
