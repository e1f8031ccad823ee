internal import NIOCore
package import NIOSSL

/// How a connection is secured. Asked for anew for each connection, so that certificates change without a restart.
package struct ConnectionSecurity: Sendable {
    /// What the TLS configuration of a context must offer by ALPN for ``offersHTTP2``, the preferred protocol first.
    package static let applicationProtocolsWithHTTP2 = ["h2", "http/1.1"]
    /// What it offers without HTTP/2.
    package static let applicationProtocols = ["http/1.1"]

    /// The TLS context; its configuration says versions, cipher suites, certificates, and how client certificates are verified.
    package let context: NIOSSLContext
    /// Whether HTTP/2 is offered by ALPN beside HTTP/1.1. The context's `applicationProtocols` must agree:
    /// ``applicationProtocolsWithHTTP2``, else ``applicationProtocols``.
    package let offersHTTP2: Bool
    /// Judges a client certificate whose chain has been verified; nil takes every one. A client that shows none is not judged:
    /// whether it must is for the context to say. It is called on the event loop and must not block.
    package let acceptsClientCertificate: (@Sendable (NIOSSLCertificate) -> Bool)?
    /// Whether a client's certificate is taken whoever has made it: the context then says only whether one is asked for, and
    /// whether a client without one is turned away.
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

    /// The same for every connection: what ``ListenerConfiguration/security`` is where nothing changes while the listener runs.
    /// HTTP/2 is offered if the configuration's `applicationProtocols` have it.
    /// - Throws: NIOSSL's errors for a certificate, key or cipher suite of no use.
    package static func fixed(_ tls: TLSConfiguration) throws -> @Sendable () -> ConnectionSecurity? {
        let security = ConnectionSecurity(
            context: try NIOSSLContext(configuration: tls), offersHTTP2: tls.applicationProtocols.contains("h2"))
        return { security }
    }

    /// What secures one connection.
    func handler() -> NIOSSLServerHandler {
        guard takesAnyClientCertificate else { return NIOSSLServerHandler(context: context) }
        // Takes the place of the verification of chains. It is not asked where there is no certificate.
        return NIOSSLServerHandler(context: context) { _, promise in promise.succeed(.certificateVerified) }
    }
}
