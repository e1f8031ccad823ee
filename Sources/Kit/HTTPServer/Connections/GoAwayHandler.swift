internal import NIOCore
internal import NIOHTTP2

/// Tells the client of an HTTP/2 connection that it is closing and which requests will be answered, so that the client can retry
/// the others elsewhere (GOAWAY, RFC 9113 section 6.8).
final class GoAwayHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private var context: ChannelHandlerContext?
    private var latestStream = HTTP2StreamID.rootStream
    private var isSent = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Records a request on a stream.
    func opened(_ stream: HTTP2StreamID) {
        latestStream = max(latestStream, stream)
    }

    /// Sends GOAWAY; later requests are not accepted.
    func send() {
        guard let context, !isSent else { return }
        isSent = true
        context.writeAndFlush(wrapOutboundOut(goAway), promise: nil)
    }

    /// Closes the connection when everything written to it has been sent.
    func closeWhenWritten() {
        guard let context else { return }
        isSent = true
        let written = context.eventLoop.makePromise(of: Void.self)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in boundContext.value.close(promise: nil) }
        // In the next turn of the event loop, because the last stream may still have to flush.
        context.eventLoop.execute { [goAway] in
            boundContext.value.writeAndFlush(GoAwayHandler.wrapOutboundOut(goAway), promise: written)
        }
    }

    /// Sends GOAWAY whenever the connection is closed, including on a time-out.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        send()
        context.close(mode: mode, promise: promise)
    }

    /// Closes the connection after a protocol error; NIO has already told the client why. A frame for a stream that is already
    /// closed is not such an error, since the two frames may have crossed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.NoSuchStream || error is NIOHTTP2Errors.StreamClosed { return }
        isSent = true
        context.close(promise: nil)
    }

    private var goAway: HTTP2Frame {
        HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: latestStream, errorCode: .noError, opaqueData: nil))
    }
}
