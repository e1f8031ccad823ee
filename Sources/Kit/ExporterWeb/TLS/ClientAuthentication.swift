internal import NIOSSL

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The policy for client certificates, with the names of Go's `tls.ClientAuthType`.
enum ClientAuthentication: String, CaseIterable {
    case none = "NoClientCert"
    case request = "RequestClientCert"
    case requireAny = "RequireAnyClientCert"
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"

    init?(name: String) {
        // The exporter-toolkit's own name, from before it adopted Go's names.
        if name == "RequireClientCert" { self = .requireAny } else { self.init(rawValue: name) }
    }

    /// Whether a client's certificate must be issued by a client CA, or by one of the system's CAs if none is given.
    var verifies: Bool { self == .verifyIfGiven || self == .requireAndVerify }

    /// Whether certificates are requested and accepted from any issuer.
    var takesAny: Bool { self == .request || self == .requireAny }

    /// Whether clients without a certificate are rejected, as a NIOSSL setting.
    var verification: CertificateVerification {
        switch self {
        case .none: .none
        case .request, .verifyIfGiven: .optionalVerification
        case .requireAny, .requireAndVerify: .noHostnameVerification
        }
    }
}

/// The allowed subject alternative names: DNS names, e-mail addresses, URIs and IP addresses. A client's certificate must have one of them.
struct AllowedClientNames: Sendable, Hashable {
    /// The configured names; a certificate's DNS name, e-mail address or URI must equal one of them.
    private let texts: Set<[UInt8]>
    /// The IP addresses among them, as bytes in a certificate's format.
    private let addresses: Set<[UInt8]>

    init(_ names: [String]) {
        texts = Set(names.map { Array($0.utf8) })
        addresses = Set(names.compactMap(Self.address))
    }

    /// Whether a certificate with a verified chain has an allowed name.
    func contain(oneOf certificate: NIOSSLCertificate) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            switch name.nameType {
            case .dnsName, .email, .uri: texts.contains(Array(name.contents))
            case .ipAddress: addresses.contains(Array(name.contents))
            default: false
            }
        }
    }

    /// An address in network byte order; nil when the text is not an address.
    private static func address(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
