internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle

/// A minimal embedded HTTP/1.1 server: one event loop, one handler for every request. It knows nothing of what it serves.
///
/// ``bind(to:configuration:handler:)`` opens the sockets, so that a taken port is found before anything else starts; ``run()``
/// serves until the task is cancelled or the service group shuts down, and then lets the responses under way finish.
package struct HTTPListener: Service, CustomStringConvertible {
    /// Answers one request. Its task is cancelled when the client goes away.
    package typealias Handler = @Sendable (ListenerRequest) async -> ListenerResponse

    /// Where the listener is reached, with the port that the kernel chose where 0 was asked for.
    package let addresses: [ListenAddress]

    private let group: MultiThreadedEventLoopGroup
    private let channels: [any Channel]
    private let registry: NIOLoopBound<ConnectionRegistry>
    private let configuration: ListenerConfiguration

    /// Opens a socket for each address; connections are accepted, and answered, from now on.
    /// - Throws: ``BindError`` for the first address that cannot be listened on, after which none is.
    package static func bind(
        to addresses: [ListenAddress], configuration: ListenerConfiguration = .init(), handler: @escaping Handler
    ) async throws -> HTTPListener {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var channels: [any Channel] = []
        do {
            let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
            let registry = try await group.next().submit {
                NIOLoopBound(ConnectionRegistry(), eventLoop: group.next())
            }.get()
            let bootstrap = bootstrap(group, tls, configuration, registry, handler)
            for address in addresses {
                channels.append(try await open(address, bootstrap))
            }
            return HTTPListener(
                addresses: zip(addresses, channels).map { asked, channel in
                    ListenAddress(host: asked.host, port: channel.localAddress?.port ?? asked.port)
                },
                group: group, channels: channels, registry: registry, configuration: configuration)
        } catch {
            for channel in channels { try? await channel.close() }
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Where it listens; not its configuration, which may hold a private key, as services are logged with their description.
    package var description: String { "HTTPListener(\(addresses.map(\.description).joined(separator: ", ")))" }

    /// Serves until it is told to stop, then drains.
    package func run() async throws {
        try? await gracefulShutdown()
        for channel in channels { try? await channel.close() }
        let drainTimeout = TimeAmount(configuration.drainTimeout)
        let eventLoop = group.next()
        try await eventLoop.flatSubmit { [registry] in
            registry.value.drain(within: drainTimeout, on: eventLoop)
        }.get()
        try await group.shutdownGracefully()
    }

    private static func open(_ address: ListenAddress, _ bootstrap: ServerBootstrap) async throws -> any Channel {
        do {
            guard let host = address.host else {
                // The IPv6 wildcard takes IPv4 connections too, where the machine has IPv6 at all.
                do {
                    return try await bootstrap.bind(host: "::", port: address.port).get()
                } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                    return try await bootstrap.bind(host: "0.0.0.0", port: address.port).get()
                }
            }
            return try await bootstrap.bind(host: host, port: address.port).get()
        } catch let error as IOError {
            throw BindError(address: address, reason: String(cString: strerror(error.errnoCode)))
        } catch is SocketAddressError.UnknownHost {
            throw BindError(address: address, reason: "the host's address cannot be found")
        } catch {
            throw BindError(address: address, reason: "\(error)")
        }
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ tls: NIOSSLContext?, _ configuration: ListenerConfiguration,
        _ registry: NIOLoopBound<ConnectionRegistry>, _ handler: @escaping Handler
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let timeouts = ConnectionTimeouts(
                        requestTimeout: configuration.requestTimeout, idleTimeout: configuration.idleTimeout)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(timeouts)
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(
                        Connection(
                            timeouts: timeouts, registry: registry.value,
                            maximumBodyBytes: configuration.maximumBodyBytes, handler: handler))
                }
            }
    }
}
