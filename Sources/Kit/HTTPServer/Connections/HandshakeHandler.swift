internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands behind TLS until its handshake is complete, and then judges the client's certificate and sets up the protocol agreed on.
///
/// The certificate's chain has been verified by then as the TLS context says. Judging it here leaves that verification to NIOSSL,
/// whose own callback would replace it.
final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let tls: NIOSSLServerHandler
    private let security: ConnectionSecurity
    private let install: (_ negotiated: String?, any Channel) throws -> Void
    private var isRefused = false

    /// - Parameter install: sets up the protocol that was negotiated, if one was.
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
                    refuse(context)  // The context offers what it should not.
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
