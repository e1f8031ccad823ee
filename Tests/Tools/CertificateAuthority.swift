import Foundation
package import NIOSSL

/// A certificate authority for one test, which issues certificates with the `openssl` command.
///
/// Each certificate `NAME` is the file `NAME.pem`, its key `NAME.key`.
package struct CertificateAuthority: Sendable {
    package enum KeyKind: Sendable {
        case rsa, p256, p384, p521, ed25519

        fileprivate var options: [String] {
            switch self {
            case .rsa: ["-newkey", "rsa:2048"]
            case .p256: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .p384: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]
            case .p521: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"]
            case .ed25519: ["-newkey", "ed25519"]
            }
        }
    }

    package enum Usage: String, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// The paths of a certificate and its key.
    package struct Identity: Sendable {
        package let certificate: String
        package let key: String

        /// The configuration of a server with this certificate.
        /// - Parameter applicationProtocols: the protocols that it offers by ALPN.
        package func serverConfiguration(applicationProtocols: [String] = []) throws -> TLSConfiguration {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.applicationProtocols = applicationProtocols
            return configuration
        }
    }

    private let directory: TemporaryDirectory
    private let name: String

    /// - Parameters:
    ///   - name: its common name, and the name of its files.
    ///   - directory: where it writes its files; nil for a directory that is removed with this value.
    package init(_ name: String = "authority", in directory: TemporaryDirectory? = nil) async throws {
        self.name = name
        self.directory = try directory ?? TemporaryDirectory()
        try await openssl(
            [
                "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out",
                certificate,
            ]
                + KeyKind.p256.options)
    }

    /// The path of its own certificate.
    package var certificate: String { path("\(name).pem") }

    /// Issues a certificate. Files of the same name are replaced.
    /// - Parameters:
    ///   - name: its common name, and the name of its files.
    ///   - names: the subject's alternative names in the syntax of openssl.
    ///   - days: how long it is valid from now; negative for a certificate that has expired.
    @discardableResult
    package func issue(
        _ name: String, _ usage: Usage, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 10, key: KeyKind = .p256
    ) async throws -> Identity {
        let extensions = try directory.write(
            "subjectAltName=\(names)\nextendedKeyUsage=\(usage.rawValue)\n", to: "\(name).extensions")
        let new = path("\(name).new")
        try await openssl(["req", "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(new).key", "-out", "\(new).csr"] + key.options)
        try await openssl([
            "x509", "-req", "-in", "\(new).csr", "-CA", certificate, "-CAkey", path("\(self.name).key"), "-CAcreateserial",
            "-days", "\(days)", "-extfile", extensions, "-out", "\(new).pem",
        ])
        let identity = Identity(certificate: path("\(name).pem"), key: path("\(name).key"))
        // A server may read the files at any time, so each is replaced atomically.
        for (source, target) in [("\(new).key", identity.key), ("\(new).pem", identity.certificate)] {
            guard rename(source, target) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }
        return identity
    }

    private func path(_ file: String) -> String { directory.path(file) }

    private func openssl(_ arguments: [String]) async throws {
        try await blocking { try Command.succeed(["openssl"] + arguments) }
    }
}
