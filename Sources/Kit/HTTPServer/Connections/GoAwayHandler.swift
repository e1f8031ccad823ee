internal import NIOCore
internal import NIOHTTP2

/// Tells the client of an HTTP/2 connection that it ends, and which of its requests are answered, so that it may make the others
/// again elsewhere (GOAWAY, RFC 9113 section 6.8).
final class FarewellHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private var context: ChannelHandlerContext?
    private var latestStream = HTTP2StreamID.rootStream
    private var isSaid = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// A request has come on a stream.
    func opened(_ stream: HTTP2StreamID) {
        latestStream = max(latestStream, stream)
    }

    /// Requests from now on are not taken.
    func say() {
        guard let context, !isSaid else { return }
        isSaid = true
        context.writeAndFlush(wrapOutboundOut(farewell), promise: nil)
    }

    /// Closes the connection when all that was written to it has left.
    func closeWhenWritten() {
        guard let context else { return }
        isSaid = true
        let written = context.eventLoop.makePromise(of: Void.self)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in boundContext.value.close(promise: nil) }
        // In the next turn of the event loop: the stream that was the last may still have to flush.
        context.eventLoop.execute { [farewell] in
            boundContext.value.writeAndFlush(FarewellHandler.wrapOutboundOut(farewell), promise: written)
        }
    }

    /// However the connection is closed, also when its time is over.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        say()
        context.close(mode: mode, promise: promise)
    }

    /// A client that breaks the protocol's rules is left: NIO has told it why. A frame for a stream that is closed already is none
    /// of that, as the two may have crossed on their way.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.NoSuchStream || error is NIOHTTP2Errors.StreamClosed { return }
        isSaid = true
        context.close(promise: nil)
    }

    private var farewell: HTTP2Frame {
        HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: latestStream, errorCode: .noError, opaqueData: nil))
    }
}
