import Basics
import Foundation
import HTTPServer
import HTTPTypes
import TestTools
import Testing

@testable import HTTPClient

@Suite("TLS")
struct TLSTests {
    private let authority: CertificateAuthority
    private let server: CertificateAuthority.Identity

    init() async throws {
        authority = try await CertificateAuthority()
        server = try await authority.issue("server", .server, names: "DNS:localhost")
    }

    private func withServer(_ body: (Int) async throws -> Void) async throws {
        try await withListener(
            tls: try server.serverConfiguration(), handler: { _ in .text(.ok, "safe") }, body)
    }

    @Test("A certificate of the CA file is trusted")
    func trusted() async throws {
        try await withServer { port in
            try await withTransport({ $0.caFile = authority.certificate }) { transport in
                let response = try await transport.get("https://localhost:\(port)/")
                #expect(response.text == "safe\n")
            }
        }
    }

    @Test("Without its authority a certificate is not trusted, and the message says what to do")
    func untrusted() async throws {
        try await withServer { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("https://localhost:\(port)/"))
                #expect(error.kind == .certificateRejected)
                #expect(error.message.contains("localhost:\(port)"))
                #expect(error.message.contains("provide its CA certificate"))
            }
        }
    }

    @Test("On the own machine any certificate will do, for any name, and no token is sent")
    func ownMachine() async throws {
        try await withServer { port in
            try await withTransport({ $0.isForOwnMachine = true }) { transport in
                let response = try await transport.get("https://127.0.0.1:\(port)/")
                #expect(response.text == "safe\n")
                let request = TransferRequest(
                    method: .get, url: "https://127.0.0.1:\(port)/", bearerToken: Secret("c4nary"))
                let error = try #require(await transport.failure(request))
                #expect(error.kind == .invalidRequest)
                #expect(!error.message.contains("c4nary"))
            }
        }
    }

    @Test("Neither is one of another authority of the same name")
    func otherAuthority() async throws {
        let other = try await CertificateAuthority()
        try await withServer { port in
            try await withTransport({ $0.caFile = other.certificate }) { transport in
                #expect(await transport.failure("https://localhost:\(port)/")?.kind == .certificateRejected)
            }
        }
    }

    @Test("A certificate for another host is refused")
    func otherHost() async throws {
        try await withServer { port in
            try await withTransport({ $0.caFile = authority.certificate }) { transport in
                let error = try #require(await transport.failure("https://127.0.0.1:\(port)/"))
                #expect(error.kind == .certificateRejected)
                #expect(error.message.contains("is for another host"))
            }
        }
    }

    @Test("A server that speaks no TLS is told from one with a bad certificate")
    func noTLS() async throws {
        try await withListener(handler: { _ in .text(.ok, "plain") }) { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("https://127.0.0.1:\(port)/"))
                #expect(error.kind == .tlsFailed)
                #expect(error.message.hasPrefix("TLS handshake with 127.0.0.1:\(port) failed: "))
            }
        }
    }

    @Test("A handshake that does not end is a connect timeout")
    func silentHandshake() async throws {
        let server = try RawServer { $0.waitForEnd() }
        defer { server.stop() }
        try await withTransport({ $0.connectTimeout = .milliseconds(150) }) { transport in
            #expect(await transport.failure("https://127.0.0.1:\(server.port)/")?.kind == .connectTimedOut)
        }
    }

    @Test("A CA file that cannot be used is found when the transport is made")
    func badCAFile() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path("missing.pem")
        let noPEM = try directory.write("hello", to: "hello.pem")
        for (file, reason) in [
            (missing, "cannot read the CA file \(missing): No such file or directory"),
            (directory.path("."), "cannot read the CA file \(directory.path(".")): Is a directory"),
            (noPEM, "the CA file \(noPEM) contains no certificate in PEM format"),
            ("", "cannot read the CA file : No such file or directory"),
        ] {
            let error = #expect(throws: TransferError.self) {
                try CurlTransport(configuration: CurlTransportConfiguration(caFile: file))
            }
            #expect(error?.kind == .configuration)
            #expect(error?.message == reason)
        }
    }
}
