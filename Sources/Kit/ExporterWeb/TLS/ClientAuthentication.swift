internal import NIOSSL

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

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

/// The subject alternative names of which a client's certificate must have one: DNS names, e-mail addresses, URIs and IP addresses.
struct AllowedClientNames: Sendable, Hashable {
    /// As they were written; a certificate's DNS name, e-mail address or URI must be exactly one of them.
    private let texts: Set<[UInt8]>
    /// Those that are IP addresses, in the bytes in which a certificate holds them.
    private let addresses: Set<[UInt8]>

    init(_ names: [String]) {
        texts = Set(names.map { Array($0.utf8) })
        addresses = Set(names.compactMap(Self.address))
    }

    /// Whether a certificate, whose chain has been verified, has one of the names.
    func contain(oneOf certificate: NIOSSLCertificate) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            switch name.nameType {
            case .dnsName, .email, .uri: texts.contains(Array(name.contents))
            case .ipAddress: addresses.contains(Array(name.contents))
            default: false
            }
        }
    }

    /// An address in network byte order; nil when the text is none.
    private static func address(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
