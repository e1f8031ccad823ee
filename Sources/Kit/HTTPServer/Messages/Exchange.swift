internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Handles requests: consecutive ones on an HTTP/1.1 connection, or a single one on an HTTP/2 stream. Reads a request, calls the handler in
/// a task, and sends the response as fast as the client reads it.
///
/// The HTTP/1.1 pipeline handler in front of it holds back a request until the previous response has been written.
final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequest, body: ByteBuffer)
        case handling(HTTPRequest, Task<Void, Never>)
        case sending(ResponseBody)
        /// Waiting for the connection or stream to close.
        case closing
    }

    /// How long to wait before sending an interim response to a half-closed client: most responses are ready sooner.
    private static let moment = TimeAmount.milliseconds(250)

    /// The connection's timer in HTTP/1.1, the stream's own timer in HTTP/2.
    let timer: ProgressTimer
    private let connection: Connection
    private let isStream: Bool
    private let configuration: ListenerConfiguration
    private let handler: HTTPListener.Handler
    private var state = State.idle
    private var keepsAlive = true
    private var leavesRequestUnread = false
    /// Whether the client supports interim responses.
    private var isInterimKnown = false
    private var hasClientEnded = false
    /// The number of responses that are written completely but not yet sent.
    private var unsent = 0
    private var isAboutToSend = false
    /// Whether a stream's client has not yet accepted the last pieces written.
    private var isAwaitingRoom = false
    private var hasBeenRead = false
    private var context: ChannelHandlerContext?

    /// An exchange for the requests on an HTTP/1.1 connection.
    init(on connection: Connection, _ configuration: ListenerConfiguration, handler: @escaping HTTPListener.Handler) {
        timer = connection.timer
        self.connection = connection
        self.configuration = configuration
        self.handler = handler
        isStream = false
    }

    /// An exchange for the request on a stream of an HTTP/2 connection.
    init(onStreamOf connection: Connection, _ configuration: ListenerConfiguration, handler: @escaping HTTPListener.Handler) {
        timer = ProgressTimer(configuration)
        self.connection = connection
        self.configuration = configuration
        self.handler = handler
        isStream = true
        timer.whenOver = { if $0 == .sending { connection.streamStalled() } }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if isStream { timer.enter(.receiving, on: context.channel) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        if isStream {
            timer.stop()
            connection.streamClosed(self)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .handling(_, let task) = state { task.cancel() }
        state = .closing
        context.fireChannelInactive()
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            if timer.phase != .receiving { timer.enter(.receiving, on: context.channel) }
            begin(head, context)
        case (.body(let piece), .receiving(let request, var body)):
            guard body.readableBytes + piece.readableBytes <= configuration.maximumBodyBytes else {
                return refuse(context, .bodyTooLong)
            }
            state = .idle  // Drops the state's reference to the body, which would otherwise be copied for every piece.
            body.writeImmutableBuffer(piece)
            state = .receiving(request, body: body)
        case (.end, .receiving(let request, let body)):
            handle(ListenerRequest(head: request, body: Array(body.readableBytesView)), context)
        default:
            break  // The rest of a rejected request.
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if !isStream { keepsAlive = keepsAlive && head.isKeepAlive }
        if connection.isOneTooMany {
            refuse(context, .tooManyConnections)
            if isStream { connection.end() }
            return
        }
        do throws(Refusal) {
            let request = try RequestHead(head, configuration)
            state = .receiving(request.request, body: ByteBuffer())
            isInterimKnown = head.version != .http1_0
            if request.waitsForContinue { sendContinue(context) }
        } catch {
            refuse(context, error)
        }
    }

    private func sendContinue(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { end() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error as? HTTPParserError, state) {
        case (let malformed?, .idle), (let malformed?, .receiving):
            refuse(context, malformed == .headerOverflow ? .headTooLarge : .malformed)
        case (_?, .closing),
            (nil, .closing) where error is ByteToMessageDecoderError:
            break  // Data after the last request to be answered.
        default:
            context.close(promise: nil)
        }
    }

    private func handle(_ request: ListenerRequest, _ context: ChannelHandlerContext) {
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let handler = handler
        let task = Task {
            let response = await handler(request)
            // When its connection is closed, the response is no longer needed, and the event loop may have ended.
            guard !Task.isCancelled else { return }
            eventLoop.execute { exchange.value.answer(response) }
        }
        state = .handling(request.head, task)
        timer.enter(.handling, on: context.channel)
        if hasClientEnded { awaitReset() }
    }

    // MARK: Half-closed clients

    /// The client has closed its sending side: it has disconnected, or it is still reading. This is known before the received
    /// requests are handled.
    func clientEnded() {
        hasClientEnded = true
        awaitReset()
    }

    /// Sends an interim response if the handler takes longer than a moment. A client that is still reading skips it (RFC 9110
    /// section 15.2); for a disconnected client it triggers a reset, which closes the connection and cancels the handler.
    private func awaitReset() {
        guard case .handling = state, let context else { return }
        timer.enter(.handlingHalfClosed, on: context.channel)
        guard isInterimKnown else { return }
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.moment) {
            if case .handling = exchange.value.state, let context = exchange.value.context {
                exchange.value.sendContinue(context)
            }
        }
    }

    // MARK: Sending

    private func answer(_ response: ListenerResponse) {
        guard case .handling(let request, _) = state, let context else { return }  // The client has disconnected.
        send(response, to: request.method, context)
    }

    /// Answers a request without reading all of it, after which the connection cannot be reused.
    private func refuse(_ context: ChannelHandlerContext, _ refusal: Refusal) {
        keepsAlive = false
        leavesRequestUnread = true
        send(refusal.response, to: .get, context)
    }

    private func send(_ response: ListenerResponse, to method: HTTPRequest.Method, _ context: ChannelHandlerContext) {
        let body = ResponseBody(response.body, ending: response.ending)
        if response.ending == .brokenOff { keepsAlive = false }
        let head = HTTPResponseHead(
            response, bodyBytes: body.declaredBytes, unixSeconds: configuration.unixSeconds(), closes: !keepsAlive && !isStream)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        state = .sending(method == .head ? ResponseBody([], ending: .complete) : body)
        timer.enter(.sending, on: context.channel)
        sendMore(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendMoreSoon(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Continues in the next turn of the event loop. Only then is it known whether a piece has been sent: TLS and HTTP/2 accept
    /// any amount at once and would buffer everything.
    private func sendMoreSoon(_ context: ChannelHandlerContext) {
        guard case .sending = state, !isAboutToSend else { return }
        isAboutToSend = true
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            exchange.value.isAboutToSend = false
            if let context = exchange.value.context { exchange.value.sendMore(context) }
        }
    }

    /// The number of body bytes written per turn of the event loop. TLS and HTTP/2 copy them, so this is the memory that a slow reader
    /// costs; a plain socket uses the body's own bytes. A stream's client may read nothing at all.
    private var turnBytes: Int { isStream ? (hasBeenRead ? 16 : 1) * 1024 : connection.isSecured ? 64 * 1024 : 1024 * 1024 }

    /// Writes some pieces if the socket's buffer has room, or if the stream's client has accepted the previous ones;
    /// `channelWritabilityChanged` continues from there.
    private func sendMore(_ context: ChannelHandlerContext) {
        guard case .sending(var body) = state, context.channel.isWritable, !isAwaitingRoom else { return }
        timer.enter(.sending, on: context.channel)
        let pieces = body.next(inAll: turnBytes, allocator: context.channel.allocator)
        for (index, piece) in pieces.enumerated() {
            let promise = isStream && index == pieces.count - 1 ? roomPromise(context) : nil
            context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: promise)
        }
        if !body.isAtEnd {
            state = .sending(body)
            context.flush()
            // A stream waits until these pieces are sent.
            return isStream ? () : sendMoreSoon(context)
        }
        state = .closing
        if body.ending == .brokenOff {
            context.flush()
            return context.close(promise: nil)
        }
        // The response is sent when the write's promise succeeds, not when the call returns.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in exchange.value.sent() }
        unsent += 1
        if keepsAlive, !isStream { state = .idle }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    /// NIO accepts any amount of data for a stream even when the client's flow-control window is closed, so the next pieces must
    /// wait until these have been sent.
    private func roomPromise(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        isAwaitingRoom = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess {
            exchange.value.isAwaitingRoom = false
            exchange.value.hasBeenRead = true
            exchange.value.connection.streamWasRead()
            if let context = exchange.value.context { exchange.value.sendMoreSoon(context) }
        }
        return promise
    }

    private func sent() {
        unsent -= 1
        guard let channel = context?.channel else { return }
        if leavesRequestUnread {
            timer.enter(.lingering, on: channel)
            if !isStream { channel.close(mode: .output, promise: nil) }
        } else if isStream {
            return  // A stream closes by itself when both sides have ended.
        } else if !keepsAlive {
            if unsent == 0, isBetweenRequests { channel.close(promise: nil) }
        } else if case .idle = state {
            timer.enter(.idle, on: channel)
        }
    }

    // MARK: Closing

    /// Closes the connection now if it is between two requests, otherwise after its response.
    func end() {
        keepsAlive = false
        if unsent == 0, isBetweenRequests { context?.close(promise: nil) }
    }

    private var isBetweenRequests: Bool {
        switch state {
        case .idle, .closing: true
        case .receiving, .handling, .sending: false
        }
    }
}
