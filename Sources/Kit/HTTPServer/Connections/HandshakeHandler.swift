internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits behind the TLS handler until the handshake is complete, then checks the client's certificate and installs the negotiated
/// protocol.
///
/// By then the certificate's chain has been verified by the TLS context. Checking the certificate here leaves that verification
/// to NIOSSL; using NIOSSL's own callback would replace it.
final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let tls: NIOSSLServerHandler
    private let security: ConnectionSecurity
    private let install: (_ negotiated: String?, any Channel) throws -> Void
    private var isRefused = false

    /// - Parameter install: installs the negotiated protocol, if any.
    init(
        _ tls: NIOSSLServerHandler, _ security: ConnectionSecurity,
        install: @escaping (_ negotiated: String?, any Channel) throws -> Void
    ) {
        self.tls = tls
        self.security = security
        self.install = install
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let negotiated) = event {
            do {
                if let certificate = tls.peerCertificate, security.acceptsClientCertificate?(certificate) == false {
                    refuse(context)
                } else if negotiated == "h2", !security.offersHTTP2 {
                    refuse(context)  // The TLS context offers a protocol that it should not.
                } else {
                    try install(negotiated, context.channel)
                }
            } catch {
                refuse(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isRefused { context.fireChannelRead(data) }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        context.close(promise: nil)
    }
}
