internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Requests and their responses, one pair after the other on an HTTP/1.1 connection and one on an HTTP/2 stream: gathers a request,
/// asks the handler in a task, and sends the response as fast as the client reads it.
///
/// The HTTP/1.1 pipeline handler before it holds a request back until the response before it has been written.
final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequest, body: ByteBuffer)
        case handling(HTTPRequest, Task<Void, Never>)
        case sending(ResponseBody)
        /// What is left of the connection, or of the stream, is only waited for.
        case closing
    }

    /// The connection's in HTTP/1.1, the stream's in HTTP/2.
    let timer: ProgressTimer
    private let connection: Connection
    private let isStream: Bool
    private let configuration: ListenerConfiguration
    private let handler: HTTPListener.Handler
    private var state = State.idle
    private var keepsAlive = true
    private var leavesRequestUnread = false
    /// Responses that are written to their end and have not left yet.
    private var unsent = 0
    private var isAboutToSend = false
    private var context: ChannelHandlerContext?

    /// The exchange of requests on an HTTP/1.1 connection.
    init(on connection: Connection, _ configuration: ListenerConfiguration, handler: @escaping HTTPListener.Handler) {
        timer = connection.timer
        self.connection = connection
        self.configuration = configuration
        self.handler = handler
        isStream = false
    }

    /// The request on a stream of an HTTP/2 connection.
    init(onStreamOf connection: Connection, _ configuration: ListenerConfiguration, handler: @escaping HTTPListener.Handler) {
        timer = ProgressTimer(configuration)
        self.connection = connection
        self.configuration = configuration
        self.handler = handler
        isStream = true
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
            state = .idle  // Lets go of the state's reference to the bytes, which would otherwise be copied for every piece.
            body.writeImmutableBuffer(piece)
            state = .receiving(request, body: body)
        case (.end, .receiving(let request, let body)):
            timer.enter(.handling, on: context.channel)
            handle(ListenerRequest(head: request, body: Array(body.readableBytesView)), context)
        default:
            break  // The rest of a request that was refused.
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if !isStream { keepsAlive = keepsAlive && head.isKeepAlive }
        if connection.isOneTooMany {
            refuse(context, .tooManyConnections)
            if isStream { connection.end() }
            return
        }
        guard head.headers.count <= configuration.maximumHeaderFields else { return refuse(context, .headTooLarge) }
        guard let request = HTTPRequest(head) else { return refuse(context, .invalidTarget) }
        let waits = head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
        if length ?? 0 > configuration.maximumBodyBytes || (waits && length != 0 && configuration.maximumBodyBytes == 0) {
            return refuse(context, .bodyTooLong)
        }
        state = .receiving(request, body: ByteBuffer())
        if waits {
            // The client holds its body back until it is told that it is wanted (RFC 9110 section 10.1.1).
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
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
            break  // What follows the last request that is answered.
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
            // Once its connection is closed nobody waits for it, and the event loop may have ended.
            guard !Task.isCancelled else { return }
            eventLoop.execute { exchange.value.answer(response) }
        }
        state = .handling(request.head, task)
    }

    // MARK: Sending

    private func answer(_ response: ListenerResponse) {
        guard case .handling(let request, _) = state, let context else { return }  // The client has gone.
        send(response, to: request.method, context)
    }

    /// Answers a request that is not read to its end, after which the connection cannot be used for another.
    private func refuse(_ context: ChannelHandlerContext, _ refusal: Refusal) {
        keepsAlive = false
        leavesRequestUnread = true
        send(refusal.response, to: .get, context)
    }

    private func send(_ response: ListenerResponse, to method: HTTPRequest.Method, _ context: ChannelHandlerContext) {
        let body = ResponseBody(response.body, ending: response.ending)
        if response.ending == .brokenOff { keepsAlive = false }
        var headers = HTTPHeaders(response.headerFields)
        // RFC 9110 section 8.6: none with 204, and none with 304 that does not say what a 200 would have had.
        if ![.noContent, .notModified].contains(response.status) {
            headers.replaceOrAdd(name: "Content-Length", value: String(body.declaredBytes))
        }
        if !keepsAlive, !isStream { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        state = .sending(method == .head ? ResponseBody([], ending: .complete) : body)
        timer.enter(.sending, on: context.channel)
        sendMore(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendMoreSoon(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Goes on in the next turn of the event loop. Only then is it known whether a piece has left: TLS and HTTP/2 take whatever they
    /// are given at once, and would be given all of it.
    private func sendMoreSoon(_ context: ChannelHandlerContext) {
        guard case .sending = state, !isAboutToSend else { return }
        isAboutToSend = true
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            exchange.value.isAboutToSend = false
            if let context = exchange.value.context { exchange.value.sendMore(context) }
        }
    }

    /// How much of a body is written in a turn of the event loop. TLS and HTTP/2 make a copy of what they are given, which is what
    /// a slow reader costs; a socket is given the body's own bytes.
    private var turnBytes: Int { isStream || connection.isSecured ? 64 * 1024 : 1024 * 1024 }

    /// Writes some pieces if the socket's buffer, or the stream's window, has room; `channelWritabilityChanged` goes on from there.
    private func sendMore(_ context: ChannelHandlerContext) {
        guard case .sending(var body) = state, context.channel.isWritable else { return }
        timer.enter(.sending, on: context.channel)
        var room = turnBytes
        while room > 0, let piece = body.next(upTo: room, allocator: context.channel.allocator) {
            room -= piece.readableBytes
            context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
        }
        if !body.isAtEnd {
            state = .sending(body)
            context.flush()
            return sendMoreSoon(context)
        }
        state = .closing
        if body.ending == .brokenOff {
            context.flush()
            return context.close(promise: nil)
        }
        // The write's promise, not the call, tells that the response has left.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in exchange.value.sent() }
        unsent += 1
        if keepsAlive, !isStream { state = .idle }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    private func sent() {
        unsent -= 1
        guard let channel = context?.channel else { return }
        if leavesRequestUnread {
            timer.enter(.lingering, on: channel)
            if !isStream { channel.close(mode: .output, promise: nil) }
        } else if isStream {
            return  // A stream ends by itself when both of its sides have.
        } else if !keepsAlive {
            if unsent == 0, isBetweenRequests { channel.close(promise: nil) }
        } else if case .idle = state {
            timer.enter(.idle, on: channel)
        }
    }

    // MARK: Closing

    /// Ends the connection now if it is between two requests, else after its response.
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
