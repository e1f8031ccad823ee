internal import NIOCore
internal import NIOHTTP1

/// Decodes HTTP/1.1 requests, including those after a request with `Upgrade`.
///
/// NIO's decoder stops permanently after a request that asks for another protocol, since the bytes that follow may belong to that protocol.
/// This server offers no other protocol and ignores the field (RFC 9110 section 7.8): a new decoder continues where the first one stopped.
final class RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    private let limits: NIOHTTPDecoderLimitConfiguration
    private var decoder: HTTPRequestDecoder
    private var hasStopped = false

    init(_ limits: NIOHTTPDecoderLimitConfiguration) {
        self.limits = limits
        decoder = HTTPRequestDecoder(limitConfiguration: limits)
    }

    func decoderAdded(context: ChannelHandlerContext) {
        decoder.decoderAdded(context: context)
    }

    func decoderRemoved(context: ChannelHandlerContext) {
        decoder.decoderRemoved(context: context)
    }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        repeat {
            hasStopped = false
            _ = try decoder.decode(context: context, buffer: &buffer)
            if hasStopped {
                decoder.decoderRemoved(context: context)
                decoder = HTTPRequestDecoder(limitConfiguration: limits)
                decoder.decoderAdded(context: context)
            }
        } while hasStopped && buffer.readableBytes > 0
        return .needMoreData
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        _ = try decode(context: context, buffer: &buffer)
        return try decoder.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }

    /// Notifies a ``RequestDecoder`` of requests that make NIO's decoder stop. It comes next in the pipeline.
    final class UpgradeWatch: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias InboundOut = HTTPServerRequestPart

        private let decoder: RequestDecoder
        private var asksForUpgrade = false

        init(_ decoder: RequestDecoder) {
            self.decoder = decoder
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                asksForUpgrade =
                    head.headers.contains(name: "Upgrade")
                    && head.headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
            case .body: break
            case .end: decoder.hasStopped = asksForUpgrade
            }
            context.fireChannelRead(data)
        }
    }
}
