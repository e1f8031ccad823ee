import HTTPServer
import HTTPTypes
import NIOSSL
import TestTools

extension CertificateAuthority {
    /// The configuration of a server with a new certificate for `localhost`.
    func serverConfiguration(http2: Bool = false) async throws -> TLSConfiguration {
        try await issue("localhost", .server, names: "DNS:localhost").serverConfiguration(
            applicationProtocols: http2
                ? ConnectionSecurity.applicationProtocolsWithHTTP2 : ConnectionSecurity.applicationProtocols)
    }
}

/// Serves with an authority's certificate on a port chosen by the kernel while the body runs, then drains.
func serving(
    _ authority: CertificateAuthority, http2: Bool = true, _ configure: (inout ListenerConfiguration) -> Void = { _ in },
    handler: @escaping HTTPListener.Handler = { echo($0) }, _ body: (Int) async throws -> Void
) async throws {
    let security = try await ConnectionSecurity.fixed(authority.serverConfiguration(http2: http2))
    try await serving(
        {
            $0.security = security
            configure(&$0)
        }, handler: handler, body)
}
