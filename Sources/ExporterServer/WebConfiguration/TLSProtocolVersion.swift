internal import NIOSSL

/// A version of TLS, by the names of the exporter-toolkit.
enum TLSProtocolVersion: String, CaseIterable, Comparable {
    case tls10 = "TLS10"
    case tls11 = "TLS11"
    case tls12 = "TLS12"
    case tls13 = "TLS13"

    var value: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }

    static func < (left: TLSProtocolVersion, right: TLSProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}
