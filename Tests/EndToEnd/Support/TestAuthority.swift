import Foundation
import TestTools

/// A certificate authority of a test's own, and what it signs. Made with the tool openssl.
struct TestAuthority {
    /// How a key is made, in openssl's words.
    enum KeyKind {
        case rsa, p256, p384, p521, ed25519

        fileprivate var options: [String] {
            switch self {
            case .rsa: ["rsa:2048"]
            case .p256: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .p384: ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]
            case .p521: ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"]
            case .ed25519: ["ed25519"]
            }
        }
    }

    enum Usage: String {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    private let directory: TemporaryDirectory
    private let name: String

    /// - Parameter name: of its files, `NAME.pem` and `NAME.key`.
    init(_ name: String, in directory: TemporaryDirectory) async throws {
        self.name = name
        self.directory = directory
        try await openssl(
            [
                "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out",
                path("\(name).pem"),
            ]
                + ["-newkey"] + KeyKind.p256.options)
    }

    /// The path of its certificate.
    var certificate: String { path("\(name).pem") }

    /// Signs a certificate: `NAME.pem` and `NAME.key`, new ones taking the place of old ones.
    /// - Parameters:
    ///   - names: the subject's alternative names, in openssl's words.
    ///   - days: how long it is valid from now; a negative number makes one that has expired.
    @discardableResult
    func issue(
        _ name: String, _ usage: Usage, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 10, key: KeyKind = .rsa
    ) async throws -> (certificate: String, key: String) {
        let extensions = try directory.write(
            "subjectAltName=\(names)\nextendedKeyUsage=\(usage.rawValue)\n", to: "\(name).extensions")
        let new = path("\(name).new")
        try await openssl(
            ["req", "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(new).key", "-out", "\(new).csr", "-newkey"] + key.options)
        try await openssl([
            "x509", "-req", "-in", "\(new).csr", "-CA", certificate, "-CAkey", path("\(self.name).key"), "-CAcreateserial",
            "-days", "\(days)", "-extfile", extensions, "-out", "\(new).pem",
        ])
        for ending in ["key", "pem"] { try replace("\(name).\(ending)", with: "\(new).\(ending)") }
        return (path("\(name).pem"), path("\(name).key"))
    }

    private func replace(_ file: String, with new: String) throws {
        guard rename(new, path(file)) == 0 else { throw SystemError(call: "rename", number: errno) }
    }

    private func path(_ file: String) -> String { directory.path(file) }

    private func openssl(_ arguments: [String]) async throws {
        let finished = try await RunningProcess.finished(try Program.openssl(), arguments)
        guard finished.end == .status(0) else { throw HTTP.Failed(description: finished.errorText) }
    }
}
