import Basics
import Foundation
import HTTPServer
import HTTPTypes
import TestTools
import Testing

@testable import HTTPClient

@Suite struct TLSTests {
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

    @Test func certificateOfTheCAFileIsTrusted() async throws {
        try await withServer { port in
            try await withTransport({ $0.caFile = authority.certificate }) { transport in
                let response = try await transport.get("https://localhost:\(port)/")
                #expect(response.text == "safe\n")
            }
        }
    }

    @Test func untrustedCertificateErrorSaysWhatToDo() async throws {
        try await withServer { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("https://localhost:\(port)/"))
                #expect(error.kind == .certificateRejected)
                #expect(error.message.contains("localhost:\(port)"))
                #expect(error.message.contains("provide its CA certificate"))
            }
        }
    }

    @Test func ownMachineAcceptsAnyCertificateAndGetsNoToken() async throws {
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

    @Test func otherAuthorityOfTheSameNameIsNotTrusted() async throws {
        let other = try await CertificateAuthority()
        try await withServer { port in
            try await withTransport({ $0.caFile = other.certificate }) { transport in
                #expect(await transport.failure("https://localhost:\(port)/")?.kind == .certificateRejected)
            }
        }
    }

    @Test func certificateForAnotherHostIsRefused() async throws {
        try await withServer { port in
            try await withTransport({ $0.caFile = authority.certificate }) { transport in
                let error = try #require(await transport.failure("https://127.0.0.1:\(port)/"))
                #expect(error.kind == .certificateRejected)
                #expect(error.message.contains("is for another host"))
            }
        }
    }

    @Test func serverWithoutTLSHasItsOwnError() async throws {
        try await withListener(handler: { _ in .text(.ok, "plain") }) { port in
            try await withTransport { transport in
                let error = try #require(await transport.failure("https://127.0.0.1:\(port)/"))
                #expect(error.kind == .tlsFailed)
                #expect(error.message.hasPrefix("TLS handshake with 127.0.0.1:\(port) failed: "))
            }
        }
    }

    @Test func silentHandshakeIsAConnectTimeout() async throws {
        let server = try RawServer { $0.waitForEnd() }
        defer { server.stop() }
        try await withTransport({ $0.connectTimeout = .milliseconds(150) }) { transport in
            #expect(await transport.failure("https://127.0.0.1:\(server.port)/")?.kind == .connectTimedOut)
        }
    }

    @Test func unusableCAFileIsReportedAtInitialization() throws {
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
