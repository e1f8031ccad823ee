internal import NIOCore
internal import NIOHTTP2

/// One client connection: knows what it is at, for the listener that must make room or end. Requests are an ``Exchange``'s.
///
/// It stands where it sees a request's bytes and not yet the request: a client that sends one byte every two seconds is never
/// idle, and still must finish its request in time.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum WireProtocol {
        /// TLS has not yet said which.
        case undecided
        case http1(Exchange)
        case http2(FarewellHandler, streams: [ObjectIdentifier: Exchange])
    }

    let timer: ProgressTimer
    /// Whether there were too many connections when it came: its requests are answered so.
    private(set) var isOneTooMany = false
    private let registry: ConnectionRegistry
    let isSecured: Bool
    private var speaks = WireProtocol.undecided
    private var isEnding = false
    /// When the client last took some of a stream's response.
    private var lastRead = NIODeadline.now()
    private let idleTimeout: TimeAmount
    private var channel: (any Channel)?

    init(_ configuration: ListenerConfiguration, registry: ConnectionRegistry, isSecured: Bool) {
        timer = ProgressTimer(configuration)
        idleTimeout = TimeAmount(configuration.idleTimeout)
        self.registry = registry
        self.isSecured = isSecured
    }

    /// What it is at: several streams are at what the furthest of them is.
    var phase: ProgressTimer.Phase {
        guard case .http2(_, let streams) = speaks, !streams.isEmpty else { return timer.phase }
        return streams.values.allSatisfy { $0.timer.phase == .receiving } ? .receiving : .handling
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        // A handshake is to be as quick as a request.
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .http1 = speaks, timer.phase == .idle { timer.enter(.receiving, on: context.channel) }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, case .http1(let exchange) = speaks { exchange.clientEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: HTTP/1.1

    /// Requests follow each other, and have the connection's time.
    func speaksHTTP1(_ exchange: Exchange) {
        speaks = .http1(exchange)
        handshakeCompleted()
    }

    // MARK: HTTP/2

    /// Requests have a stream each with its own time, and the connection is idle without one.
    func speaksHTTP2(_ farewell: FarewellHandler) {
        speaks = .http2(farewell, streams: [:])
        handshakeCompleted()
    }

    /// How many requests are under way.
    var streamCount: Int {
        if case .http2(_, let streams) = speaks { streams.count } else { 0 }
    }

    func streamOpened(_ stream: Exchange, _ identifier: HTTP2StreamID) {
        guard case .http2(let farewell, var streams) = speaks, let channel else { return }
        farewell.opened(identifier)
        if streams.isEmpty { timer.enter(.handling, on: channel) }
        streams[ObjectIdentifier(stream)] = stream
        speaks = .http2(farewell, streams: streams)
    }

    func streamClosed(_ stream: Exchange) {
        guard case .http2(let farewell, var streams) = speaks, let channel else { return }
        streams[ObjectIdentifier(stream)] = nil
        speaks = .http2(farewell, streams: streams)
        guard streams.isEmpty, channel.isActive else { return }
        if isEnding { farewell.closeWhenWritten() } else { timer.enter(.idle, on: channel) }
    }

    func streamWasRead() {
        lastRead = .now()
    }

    /// A stream's response was not read for its whole time. When none was, no client is there that reads: others, which it may go on
    /// opening, are not waited for.
    func streamStalled() {
        guard case .http2(_, let streams) = speaks, lastRead + idleTimeout <= .now() else { return }
        if !streams.values.contains(where: { $0.timer.phase == .handling }) { close() }
    }

    private func handshakeCompleted() {
        if isSecured, let channel { timer.enter(.idle, on: channel) }
        if isEnding { end() }
    }

    // MARK: Closing

    /// Ends the connection now if it is between two requests, else after its response.
    func end() {
        isEnding = true
        switch speaks {
        case .undecided: close()
        case .http1(let exchange): exchange.end()
        case .http2(let farewell, let streams): streams.isEmpty ? farewell.closeWhenWritten() : farewell.say()
        }
    }

    func close() {
        channel?.close(promise: nil)
    }
}
