internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// One client connection: gathers a request, asks the handler in a task, and sends the response as fast as the client reads it.
///
/// The HTTP pipeline handler before it holds a pipelined request back until the response before it has been written.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequest, body: ByteBuffer)
        case handling(HTTPRequest, Task<Void, Never>)
        case sending(ResponseBody)
        /// What is left of the connection is only waited for.
        case closing
    }

    private let timeouts: ConnectionTimeouts
    private let registry: ConnectionRegistry
    private let maximumBodyBytes: Int
    private let handler: HTTPListener.Handler
    private var state = State.idle
    private var keepsAlive = true
    private var channel: (any Channel)?

    init(
        timeouts: ConnectionTimeouts, registry: ConnectionRegistry, maximumBodyBytes: Int, handler: @escaping HTTPListener.Handler
    ) {
        self.timeouts = timeouts
        self.registry = registry
        self.maximumBodyBytes = maximumBodyBytes
        self.handler = handler
    }

    // MARK: Receiving

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        registry.add(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .handling(_, let task) = state { task.cancel() }
        state = .closing
        registry.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            timeouts.requestBegan(on: context.channel)
            keepsAlive = keepsAlive && head.isKeepAlive
            if let request = HTTPRequest(head) {
                state = .receiving(request, body: ByteBuffer())
                if maximumBodyBytes > 0, head.headers["Expect"].contains(where: { $0.lowercased() == "100-continue" }) {
                    // The client holds its body back until it is told that it is wanted (RFC 9110 section 10.1.1).
                    let head = HTTPResponseHead(version: .http1_1, status: .continue)
                    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
                }
            } else {
                refuse(context, .text(.badRequest, "The request's method or target is not valid."))
            }
        case (.body(let piece), .receiving(let request, var body)):
            guard body.readableBytes + piece.readableBytes <= maximumBodyBytes else {
                return refuse(context, .text(.contentTooLarge, "The request's body is longer than is read here."))
            }
            state = .idle  // Lets go of the state's reference to the bytes, which would otherwise be copied for every piece.
            body.writeImmutableBuffer(piece)
            state = .receiving(request, body: body)
        case (.end, .receiving(let request, let body)):
            timeouts.requestReceived(on: context.channel)
            handle(ListenerRequest(head: request, body: Array(body.readableBytesView)), context)
        default:
            break  // The rest of a request that was refused.
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func handle(_ request: ListenerRequest, _ context: ChannelHandlerContext) {
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let handler = handler
        let task = Task {
            let response = await handler(request)
            eventLoop.execute { connection.value.answer(response, boundContext.value) }
        }
        state = .handling(request.head, task)
    }

    // MARK: Sending

    private func answer(_ response: ListenerResponse, _ context: ChannelHandlerContext) {
        guard case .handling(let request, _) = state else { return }  // The client has gone.
        send(response, to: request.method, context)
    }

    /// Answers a request that is not read to its end, after which the connection cannot be used for another.
    private func refuse(_ context: ChannelHandlerContext, _ response: ListenerResponse) {
        keepsAlive = false
        send(response, to: .get, context)
    }

    private func send(_ response: ListenerResponse, to method: HTTPRequest.Method, _ context: ChannelHandlerContext) {
        let body = ResponseBody(response.body, ending: response.ending)
        if response.ending == .brokenOff { keepsAlive = false }
        var headers = HTTPHeaders(response.headerFields)
        // RFC 9110 section 8.6: none with 204, and none with 304 that does not say what a 200 would have had.
        if ![.noContent, .notModified].contains(response.status) {
            headers.replaceOrAdd(name: "Content-Length", value: String(body.declaredBytes))
        }
        if !keepsAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        state = .sending(method == .head ? ResponseBody([], ending: .complete) : body)
        sendMore(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendMore(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Writes until the socket's buffer is full; `channelWritabilityChanged` goes on from there.
    private func sendMore(_ context: ChannelHandlerContext) {
        guard case .sending(var body) = state else { return }
        timeouts.responseProgressed(on: context.channel)
        while let piece = body.next(allocator: context.channel.allocator) {
            context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
            if !context.channel.isWritable {
                state = .sending(body)
                context.flush()
                return
            }
        }
        state = .closing
        if body.ending == .brokenOff {
            context.flush()
            return context.close(promise: nil)
        }
        // The write's promise, not the call, tells that the response has left.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in connection.value.sent() }
        if keepsAlive { state = .idle }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    private func sent() {
        guard let channel else { return }
        if keepsAlive {
            if case .idle = state { timeouts.responseSent(on: channel) }
        } else {
            channel.close(promise: nil)
        }
    }

    // MARK: Closing

    /// Ends the connection now if it is between two requests, else after its response.
    func closeWhenDone() {
        keepsAlive = false
        if case .idle = state { close() }
    }

    func close() {
        channel?.close(promise: nil)
    }
}
