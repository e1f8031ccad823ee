internal import NIOCore
internal import NIOHTTP2

/// One client connection. It tracks the connection's state for the listener, which may have to close it to make room or to shut
/// down. Requests are handled by an ``Exchange``.
///
/// Its place in the pipeline is before HTTP decoding, where it sees bytes instead of requests: a client that sends one byte every
/// two seconds is never idle, but must still complete its request in time.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum WireProtocol {
        /// TLS has not negotiated the protocol yet.
        case undecided
        case http1(Exchange)
        case http2(GoAwayHandler, streams: [ObjectIdentifier: Exchange])
    }

    let timer: ProgressTimer
    /// Whether the connection limit was exceeded when it was accepted; its requests get a 503.
    private(set) var isOneTooMany = false
    private let registry: ConnectionRegistry
    let isSecured: Bool
    private var speaks = WireProtocol.undecided
    private var isEnding = false
    /// Whether a request has begun.
    private var hasBegun = false
    /// When the client last read some of a stream's response.
    private var lastRead = NIODeadline.now()
    private let idleTimeout: TimeAmount
    private var channel: (any Channel)?

    init(_ configuration: ListenerConfiguration, registry: ConnectionRegistry, isSecured: Bool) {
        timer = ProgressTimer(configuration)
        idleTimeout = TimeAmount(configuration.idleTimeout)
        self.registry = registry
        self.isSecured = isSecured
    }

    /// The connection's phase; with several streams, the phase of the most advanced stream. A client that has just connected counts as
    /// about to send a request, not as idle.
    var phase: ProgressTimer.Phase {
        guard case .http2(_, let streams) = speaks, !streams.isEmpty else {
            return timer.phase == .idle && !hasBegun ? .receiving : timer.phase
        }
        return streams.values.allSatisfy { $0.timer.phase == .receiving } ? .receiving : .handling
    }

    /// Since when the client has read nothing of its responses, or of at least one of them; nil while a request is being handled or no
    /// response is being sent.
    var unreadSince: NIODeadline? {
        guard case .http2(_, let streams) = speaks, !streams.isEmpty else { return timer.phase == .sending ? timer.since : nil }
        let phases = streams.values.map(\.timer).filter { $0.phase != .receiving }
        guard phases.allSatisfy({ $0.phase == .sending }) else { return nil }
        // New streams do not make up for old ones that are not read.
        return phases.map(\.since).min().map { max($0, lastRead) }
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        // The handshake has the same time limit as a request.
        timer.enter(isSecured ? .receiving : .idle, on: context.channel)
        switch registry.add(self) {
        case .admitted: break
        case .oneTooMany: isOneTooMany = true
        case .ending: end()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer.stop()
        registry.remove(self)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // An exchange refers to its connection; without this, the reference cycle would free neither.
        speaks = .undecided
        channel = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .http1 = speaks, timer.phase == .idle {
            hasBegun = true
            timer.enter(.receiving, on: context.channel)
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, case .http1(let exchange) = speaks { exchange.clientEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: HTTP/1.1

    /// HTTP/1.1: requests follow each other and share the connection's timer.
    func speaksHTTP1(_ exchange: Exchange) {
        speaks = .http1(exchange)
        handshakeCompleted()
    }

    // MARK: HTTP/2

    /// HTTP/2: each request has a stream with its own timer, and the connection is idle without streams.
    func speaksHTTP2(_ goAway: GoAwayHandler) {
        speaks = .http2(goAway, streams: [:])
        handshakeCompleted()
    }

    /// The number of HTTP/2 requests in progress.
    var streamCount: Int {
        if case .http2(_, let streams) = speaks { streams.count } else { 0 }
    }

    func streamOpened(_ stream: Exchange, _ identifier: HTTP2StreamID) {
        guard case .http2(let goAway, var streams) = speaks, let channel else { return }
        hasBegun = true
        goAway.opened(identifier)
        if streams.isEmpty { timer.enter(.handling, on: channel) }
        streams[ObjectIdentifier(stream)] = stream
        speaks = .http2(goAway, streams: streams)
    }

    func streamClosed(_ stream: Exchange) {
        guard case .http2(let goAway, var streams) = speaks, let channel else { return }
        streams[ObjectIdentifier(stream)] = nil
        speaks = .http2(goAway, streams: streams)
        guard streams.isEmpty, channel.isActive else { return }
        if isEnding { closeWhenWritten(goAway, channel) } else { timer.enter(.idle, on: channel) }
    }

    func streamWasRead() {
        lastRead = .now()
    }

    /// A stream's response was not read within the idle time-out. If no other stream's response was read either, the client is not reading
    /// at all, and the connection is closed even if the client keeps opening streams.
    func streamStalled() {
        guard case .http2(_, let streams) = speaks, lastRead + idleTimeout <= .now() else { return }
        if !streams.values.contains(where: { $0.timer.phase == .handling }) { close() }
    }

    private func handshakeCompleted() {
        if isSecured, let channel { timer.enter(.idle, on: channel) }
        if isEnding { end() }
    }

    // MARK: Closing

    /// Closes the connection now if it is between two requests, otherwise after its response.
    func end() {
        isEnding = true
        switch speaks {
        case .undecided: close()
        case .http1(let exchange): exchange.end()
        case .http2(let goAway, let streams):
            guard streams.isEmpty, let channel else { return goAway.send() }
            closeWhenWritten(goAway, channel)
        }
    }

    /// A client that reads nothing must not keep its connection open: one beyond the limit may only read that it was refused, and any other
    /// has as long as for a response.
    private func closeWhenWritten(_ goAway: GoAwayHandler, _ channel: any Channel) {
        timer.enter(isOneTooMany ? .lingering : .sending, on: channel)
        goAway.closeWhenWritten()
    }

    func close() {
        channel?.close(promise: nil)
    }
}
