import Foundation
import TestSupport
import TestTools

/// A certificate that signs itself, and its key, made once with the tool openssl.
struct ServerCertificate: Sendable {
    let certificate: String
    let key: String

    static let shared = Task { try make() }

    /// Writes `server.crt` and `server.key` into a folder, and the certificate once more as that of clients' authorities, `ca.pem`.
    static func write(to folder: TemporaryDirectory) async throws {
        let made = try await shared.value
        try folder.write(made.certificate, to: "server.crt")
        try folder.write(made.key, to: "server.key")
        try folder.write(made.certificate, to: "ca.pem")
    }

    private static func make() throws -> ServerCertificate {
        let made = try Command.result(
            ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", "ec"]
                + ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", "-"])
        let begin = "-----BEGIN CERTIFICATE-----"
        let parts = made.text.components(separatedBy: begin)
        guard made.status == 0, parts.count == 2 else { throw CocoaError(.fileReadCorruptFile) }
        return ServerCertificate(certificate: begin + parts[1], key: parts[0])
    }
}
