import Foundation
import TestTools

/// The PEM texts of a server's certificate, its key and the certificate of their authority, created once for all tests.
struct ServerCertificate: Sendable {
    let certificate: String
    let key: String
    private let authority: String

    static let shared = Task { try await make() }

    /// Writes `server.crt`, `server.key` and, for the authority, `ca.pem` into a directory.
    static func write(to directory: TemporaryDirectory) async throws {
        let made = try await shared.value
        try directory.write(made.certificate, to: "server.crt")
        try directory.write(made.key, to: "server.key")
        try directory.write(made.authority, to: "ca.pem")
    }

    private static func make() async throws -> ServerCertificate {
        try await TemporaryDirectory.with { directory in
            try await CertificateAuthority(in: directory).issue("server", .server)
            return ServerCertificate(
                certificate: try directory.text(of: "server.pem"), key: try directory.text(of: "server.key"),
                authority: try directory.text(of: "authority.pem"))
        }
    }
}
