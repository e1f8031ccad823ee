internal import NIOSSL

/// What keys are exchanged with, by Go's names for curves.
enum KeyExchangeCurve: String, CaseIterable {
    /// Go offers it by default, too, where curves are not listed. The exporter-toolkit knows no name for it; this is Go's.
    case x25519MLKEM768 = "X25519MLKEM768"
    case x25519 = "X25519"
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"

    var value: NIOTLSCurve {
        switch self {
        case .x25519MLKEM768: .x25519_MLKEM768
        case .x25519: .x25519
        case .p256: .secp256r1
        case .p384: .secp384r1
        case .p521: .secp521r1
        }
    }
}
