internal import NIOSSL

/// What is asked of clients' certificates, by the names of Go's `tls.ClientAuthType`.
enum ClientAuthentication: String, CaseIterable {
    case none = "NoClientCert"
    case request = "RequestClientCert"
    case requireAny = "RequireAnyClientCert"
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    init?(name: String) {
        // The exporter-toolkit's own name from before it took Go's.
        if name == "RequireClientCert" { self = .requireAny } else { self.init(rawValue: name) }
    }

    /// Whether a certificate that is shown must be one of the client authorities', or of the system's where none are given.
    var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }

    /// Whether certificates are asked for and then taken whoever has made them.
    var takesAny: Bool { self == .request || self == .requireAny }

    /// Whether a client without a certificate is turned away, in the TLS library's words.
    var verification: CertificateVerification {
        switch self {
        case .none: .none
        case .request, .verifyIfGiven: .optionalVerification
        case .requireAny, .requireAndVerify: .noHostnameVerification
        }
    }
}
