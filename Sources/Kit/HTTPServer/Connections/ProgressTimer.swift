internal import NIOCore

/// How long a connection, or one stream of an HTTP/2 connection, has for what it is at: it is closed when it takes longer.
final class ProgressTimer {
    enum Phase {
        /// No request has begun.
        case idle
        /// A TLS handshake or a request has begun and is not complete.
        case receiving
        /// The time that a handler takes is its own affair.
        case handling
        /// The same for a client that has ended its sending side, and may have gone: it has its time.
        case handlingHalfClosed
        /// The client is to read a response. Its time begins again whenever it has taken some of it.
        case sending
        /// A request that was not read to its end has been answered: what the client still sends is dropped, so that the answer
        /// is not lost to a reset (RFC 9112 section 9.6).
        case lingering
    }

    private(set) var phase = Phase.idle
    /// When the phase was entered.
    private(set) var since = NIODeadline.now()
    private let requestTimeout: TimeAmount
    private let idleTimeout: TimeAmount
    private let lingerTimeout: TimeAmount
    private let halfClosedTimeout: TimeAmount
    /// Is told which phase took too long, before the channel is closed.
    var whenOver: ((Phase) -> Void)?
    private var timer: Scheduled<Void>?

    init(_ configuration: ListenerConfiguration) {
        requestTimeout = TimeAmount(configuration.requestTimeout)
        idleTimeout = TimeAmount(configuration.idleTimeout)
        lingerTimeout = TimeAmount(configuration.lingerTimeout)
        halfClosedTimeout = TimeAmount(configuration.halfClosedTimeout)
    }

    func enter(_ next: Phase, on channel: any Channel) {
        phase = next
        since = .now()
        timer?.cancel()
        switch next {
        case .handling: timer = nil
        case .receiving: timer = close(channel, after: requestTimeout)
        case .idle, .sending: timer = close(channel, after: idleTimeout)
        case .lingering: timer = close(channel, after: lingerTimeout)
        case .handlingHalfClosed: timer = close(channel, after: halfClosedTimeout)
        }
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func close(_ channel: any Channel, after delay: TimeAmount) -> Scheduled<Void> {
        let timer = NIOLoopBound(self, eventLoop: channel.eventLoop)
        return channel.eventLoop.scheduleTask(in: delay) {
            timer.value.whenOver?(timer.value.phase)
            channel.close(promise: nil)
        }
    }
}
