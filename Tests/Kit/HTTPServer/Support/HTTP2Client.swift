import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import TestTools

/// An HTTP/2 connection on which a test controls frame by frame what is sent on a stream, and when it is read.
final class HTTP2Client: Sendable {
    /// The frames received on one stream.
    final class Stream: Sendable {
        struct Received {
            var status: String?
            var bytes = 0
            var isComplete = false
            var isReset = false
            var isClosed = false
        }

        private let box = NIOLockedValueBox(Received())
        fileprivate let channel: NIOLockedValueBox<(any Channel)?> = NIOLockedValueBox(nil)

        var received: Received { box.withLockedValue { $0 } }

        fileprivate func change(_ change: (inout Received) -> Void) { box.withLockedValue { change(&$0) } }

        /// Sends a piece of the request's body.
        func send(_ text: String, isEnd: Bool) async throws {
            guard let channel = channel.withLockedValue({ $0 }) else { return }
            let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(string: text)), endStream: isEnd)
            try await channel.writeAndFlush(HTTP2Frame.FramePayload.data(data))
        }
    }

    private final class Frames: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        let stream: Stream

        init(_ stream: Stream) { self.stream = stream }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let headers):
                stream.change {
                    $0.status = headers.headers.first(name: ":status") ?? $0.status
                    $0.isComplete = headers.endStream
                }
            case .data(let data):
                stream.change {
                    $0.bytes += data.data.readableBytes
                    $0.isComplete = data.endStream
                }
            default: break
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? StreamClosedEvent, event.reason != nil { stream.change { $0.isReset = true } }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}

        func channelInactive(context: ChannelHandlerContext) { stream.change { $0.isClosed = true } }
    }

    private final class Root: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        let lastStream: NIOLockedValueBox<Int?>

        init(_ lastStream: NIOLockedValueBox<Int?>) { self.lastStream = lastStream }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .goAway(let stream, _, _) = unwrapInboundIn(data).payload { lastStream.withLockedValue { $0 = Int(stream) } }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    private let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let lastStream: NIOLockedValueBox<Int?>
    private let ended = NIOLockedValueBox(false)

    /// The last stream of the server's GOAWAY frame; nil before one arrives.
    var goAwayStream: Int? { lastStream.withLockedValue { $0 } }
    var isClosed: Bool { ended.withLockedValue { $0 } }

    init(port: Int, authority: CertificateAuthority) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority.certificate)
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let lastStream = NIOLockedValueBox<Int?>(nil)
        self.lastStream = lastStream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    try NIOSSLClientHandler(context: context, serverHostname: "localhost"),
                    NIOHTTP2Handler(mode: .client, eventLoop: channel.eventLoop) { $0.eventLoop.makeSucceededVoidFuture() },
                    Root(lastStream),
                ])
            }
        }.connect(host: "127.0.0.1", port: port).get()
        multiplexer = try await channel.pipeline.handler(type: NIOHTTP2Handler.self).flatMap { $0.multiplexer }.get()
        let ended = ended
        channel.closeFuture.whenComplete { _ in ended.withLockedValue { $0 = true } }
    }

    func close() async { try? await channel.close() }

    /// Sends a request's head.
    /// - Parameters:
    ///   - isEnd: whether there is no body.
    ///   - reads: false never reads the answer, so that its flow-control window stays unchanged.
    func request(
        _ method: String = "GET", _ path: String, fields: [(String, String)] = [], isEnd: Bool = true, reads: Bool = true
    ) async throws -> Stream {
        let stream = Stream()
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: promise) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.syncOptions?.setOption(.autoRead, value: reads)
                try channel.pipeline.syncOperations.addHandler(Frames(stream))
            }
        }
        let streamChannel = try await promise.futureResult.get()
        stream.channel.withLockedValue { $0 = streamChannel }
        let head = HPACKHeaders(
            [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)] + fields)
        try await streamChannel.writeAndFlush(HTTP2Frame.FramePayload.headers(.init(headers: head, endStream: isEnd)))
        return stream
    }
}
