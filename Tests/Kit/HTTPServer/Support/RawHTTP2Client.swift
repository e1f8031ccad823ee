import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import TestTools

/// An HTTP/2 connection on which a test controls byte by byte what is sent, unlike with a library: it acknowledges no settings.
final class RawHTTP2Client: Sendable {
    struct Frame: Sendable {
        let kind: UInt8
        let stream: Int
        let payload: [UInt8]
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let received: NIOLockedValueBox<[UInt8]>

        init(_ received: NIOLockedValueBox<[UInt8]>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            received.withLockedValue { $0 += bytes }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    private let channel: any Channel
    private let bytes = NIOLockedValueBox<[UInt8]>([])
    private let ended = NIOLockedValueBox(false)

    var isClosed: Bool { ended.withLockedValue { $0 } }

    /// The complete frames received so far.
    var received: [Frame] {
        var rest = bytes.withLockedValue { $0 }[...]
        var frames: [Frame] = []
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + length else { break }
            let stream = head[5...].reduce(0) { $0 << 8 | Int($1) }
            frames.append(Frame(kind: head[3], stream: stream, payload: Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }

    /// Connects.
    /// - Parameter window: how many bytes of each response may be sent before the client asks for more.
    init(port: Int, authority: CertificateAuthority, window: UInt32) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority.certificate)
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let received = bytes
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    try NIOSSLClientHandler(context: context, serverHostname: "localhost"), Reader(received),
                ])
            }
        }.connect(host: "127.0.0.1", port: port).get()
        channel.closeFuture.whenComplete { [ended] _ in ended.withLockedValue { $0 = true } }
        // SETTINGS_INITIAL_WINDOW_SIZE is setting 4.
        let settings = Self.frame(4, 0, Array([0, 4].map { UInt8($0) } + Self.bigEndian(window)))
        try await send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings)
    }

    func close() async { try? await channel.close() }

    /// Requests `/` on a stream for each number.
    func get(_ streams: some Sequence<UInt32>) async throws {
        // Method, scheme and path from HPACK's static table, and a literal authority (RFC 7541 appendix A and section 6.2.2).
        let head = [0x82, 0x87, 0x84, 0x01, 9] + Array("localhost".utf8)
        // The flags are END_HEADERS and END_STREAM.
        try await send(streams.flatMap { Self.frame(1, $0, head, flags: 5) })
    }

    private func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    private static func frame(_ kind: UInt8, _ stream: UInt32, _ payload: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        Array(bigEndian(UInt32(payload.count)).dropFirst()) + [kind, flags] + bigEndian(stream) + payload
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
