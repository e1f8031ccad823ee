import Foundation
import NIOSSL
import TestTools

/// A certificate for `localhost`, and nothing else, signed by an authority of its own. Made with the `openssl` command.
final class Certificates {
    private let directory: TemporaryDirectory

    var caFile: String { directory.path("ca.pem") }
    var certificateFile: String { directory.path("server.pem") }
    var keyFile: String { directory.path("server.key") }

    init() throws {
        directory = try TemporaryDirectory()
        _ = try directory.write("subjectAltName=DNS:localhost\n", to: "names")
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem"] + newKey)
        try openssl(["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"] + newKey)
        try openssl([
            "x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-extfile", "names", "-out", "server.pem",
        ])
    }

    func serverConfiguration() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
    }

    private func openssl(_ arguments: [String]) throws {
        try Command.succeed(["openssl"] + arguments, in: directory.path())
    }
}
