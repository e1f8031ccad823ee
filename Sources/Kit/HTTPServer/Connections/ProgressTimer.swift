internal import NIOCore

/// Limits the time that a connection, or one stream of an HTTP/2 connection, may spend in a phase, and closes it when that time is over.
final class ProgressTimer {
    enum Phase {
        /// No request has begun.
        case idle
        /// A TLS handshake or a request has begun and is incomplete.
        case receiving
        /// A handler is running; it may take any time.
        case handling
        /// A handler is running for a client that has closed its sending side and may have disconnected: its time is limited.
        case handlingHalfClosed
        /// The client is reading a response. The time restarts whenever the client has read some of it.
        case sending
        /// A request has been answered before it was read completely: further data is discarded, so that the response is not lost
        /// to a reset (RFC 9112 section 9.6). Or an HTTP/2 connection beyond the limit is closed once its refusals have been sent.
        case lingering
    }

    private(set) var phase = Phase.idle
    /// When the phase was entered.
    private(set) var since = NIODeadline.now()
    private let requestTimeout: TimeAmount
    private let idleTimeout: TimeAmount
    private let lingerTimeout: TimeAmount
    private let halfClosedTimeout: TimeAmount
    /// Called with the phase that took too long, before the channel is closed.
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
