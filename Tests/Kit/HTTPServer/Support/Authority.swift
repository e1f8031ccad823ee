import Foundation
import HTTPServer
import NIOSSL
import TestTools

/// A certificate authority of a test's own, made with the `openssl` command.
final class Authority: Sendable {
    private let directory: TemporaryDirectory
    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    /// The file of its own certificate.
    var file: String { directory.path("ca.pem") }

    init() async throws {
        directory = try TemporaryDirectory()
        try await openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Authority", "-keyout", path("ca.key"), "-out", file] + Self.newKey)
        try await issue("localhost")
    }

    /// The path of a file of this authority, such as `NAME.pem` and `NAME.key` of a certificate issued for NAME.
    func path(_ name: String) -> String { directory.path(name) }

    /// Makes a certificate for a name, and its key.
    func issue(_ name: String) async throws {
        try "subjectAltName=DNS:\(name)\n".write(toFile: path("\(name).names"), atomically: true, encoding: .utf8)
        try await openssl(
            ["req", "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).csr")] + Self.newKey)
        try await openssl([
            "x509", "-req", "-days", "2", "-in", path("\(name).csr"), "-CA", file, "-CAkey", path("ca.key"), "-CAcreateserial",
            "-extfile", path("\(name).names"), "-out", path("\(name).pem"),
        ])
    }

    /// The configuration of a server with its certificate for `localhost`.
    func serverConfiguration(http2: Bool = false) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("localhost.pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("localhost.key"), format: .pem)))
        configuration.applicationProtocols =
            http2 ? ConnectionSecurity.applicationProtocolsWithHTTP2 : ConnectionSecurity.applicationProtocols
        return configuration
    }

    private func openssl(_ arguments: [String]) async throws {
        try await blocking { try Command.succeed(["openssl"] + arguments) }
    }
}
