internal import NIOCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Frees connections when the system cannot accept another one, for example because too many files are open, and pauses before the next
/// attempt. NIO alone would retry immediately and endlessly, and its `AcceptBackoffHandler` does not prevent that: the socket remains
/// registered for reading.
final class AcceptFailureHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// How many connections to close at once.
    private static let room = 32
    private static let pause = TimeAmount.milliseconds(100)

    private let registry: ConnectionRegistry
    private var isPaused = false

    init(_ registry: ConnectionRegistry) {
        self.registry = registry
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else { return }
        registry.makeRoom(for: Self.room)
        guard !isPaused else { return }
        isPaused = true
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isPaused = false
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
