internal import NIOCore

/// Closes a connection that keeps the listener waiting.
///
/// It stands before the HTTP decoder and so sees bytes, not requests: a client that sends one byte every two seconds is
/// never idle, and still must finish its request in time.
final class ConnectionTimeouts: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Phase {
        case idle
        case receiving
        case handling
        case sending
    }

    private let requestTimeout: TimeAmount
    private let idleTimeout: TimeAmount
    private var phase = Phase.idle
    private var timer: Scheduled<Void>?

    init(requestTimeout: Duration, idleTimeout: Duration) {
        self.requestTimeout = TimeAmount(requestTimeout)
        self.idleTimeout = TimeAmount(idleTimeout)
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(.idle, context.channel)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if phase == .idle { enter(.receiving, context.channel) }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    /// A request has begun, perhaps one that had arrived while the response before it was still being sent.
    func requestBegan(on channel: any Channel) {
        if phase != .receiving { enter(.receiving, channel) }
    }

    /// The request is complete: the time that its handler takes is the handler's own affair.
    func requestReceived(on channel: any Channel) { enter(.handling, channel) }

    /// The client took some of the response.
    func responseProgressed(on channel: any Channel) { enter(.sending, channel) }

    /// The response has left; the next request may begin.
    func responseSent(on channel: any Channel) { enter(.idle, channel) }

    private func enter(_ next: Phase, _ channel: any Channel) {
        phase = next
        timer?.cancel()
        switch next {
        case .handling: timer = nil
        case .receiving: timer = close(channel, after: requestTimeout)
        case .idle, .sending: timer = close(channel, after: idleTimeout)
        }
    }

    private func close(_ channel: any Channel, after delay: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}
