internal import NIOCore
package import NIOSSL

/// How a connection is secured. Determined for each new connection, so that certificates can change without a restart.
package struct ConnectionSecurity: Sendable {
    /// The ALPN protocols that a context must offer for ``offersHTTP2``, in order of preference.
    package static let applicationProtocolsWithHTTP2 = ["h2", "http/1.1"]
    /// The ALPN protocols without HTTP/2.
    package static let applicationProtocols = ["http/1.1"]

    /// The TLS context; its configuration sets versions, cipher suites, certificates and the verification of client certificates.
    package let context: NIOSSLContext
    /// Whether HTTP/2 is offered by ALPN in addition to HTTP/1.1. The context's `applicationProtocols` must match:
    /// ``applicationProtocolsWithHTTP2`` or ``applicationProtocols``.
    package let offersHTTP2: Bool
    /// Decides whether to accept a client certificate whose chain has been verified; nil accepts all. It is not called for
    /// clients without a certificate: whether one is required is part of the context. Called on the event loop; must not block.
    package let acceptsClientCertificate: (@Sendable (NIOSSLCertificate) -> Bool)?
    /// Whether a client certificate from any issuer is accepted. The context then only determines whether a certificate is
    /// requested and whether clients without one are rejected.
    package let takesAnyClientCertificate: Bool

    package init(
        context: NIOSSLContext, offersHTTP2: Bool = false,
        acceptsClientCertificate: (@Sendable (NIOSSLCertificate) -> Bool)? = nil, takesAnyClientCertificate: Bool = false
    ) {
        self.takesAnyClientCertificate = takesAnyClientCertificate
        self.context = context
        self.offersHTTP2 = offersHTTP2
        self.acceptsClientCertificate = acceptsClientCertificate
    }

    /// A constant value for ``ListenerConfiguration/security``, for settings that do not change while the listener runs. HTTP/2
    /// is offered if the configuration's `applicationProtocols` include it.
    /// - Throws: NIOSSL's errors for an unusable certificate, key or cipher suite.
    package static func fixed(_ tls: TLSConfiguration) throws -> @Sendable () -> ConnectionSecurity? {
        let security = ConnectionSecurity(
            context: try NIOSSLContext(configuration: tls), offersHTTP2: tls.applicationProtocols.contains("h2"))
        return { security }
    }

    /// The TLS handler for one connection.
    func handler() -> NIOSSLServerHandler {
        guard takesAnyClientCertificate else { return NIOSSLServerHandler(context: context) }
        // Replaces the verification of chains. It is not called without a certificate.
        return NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
    }
}
