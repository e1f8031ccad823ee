internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// A minimal embedded HTTP server: one event loop, one handler for every request. It knows nothing of what it serves. It speaks
/// HTTP/1.1, and HTTP/2 with clients that agree to it in a TLS handshake.
///
/// ``bind(to:configuration:handler:)`` opens the sockets, so that a taken port is found before anything else starts; ``run()``
/// serves until the task is cancelled or the service group shuts down, and then lets the responses under way finish.
package struct HTTPListener: Service, CustomStringConvertible {
    /// Answers one request. Its task is cancelled when the client goes away.
    package typealias Handler = @Sendable (ListenerRequest) async -> ListenerResponse

    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 512

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
        try await listen(configuration, handler) { bootstrap in
            addresses.map { address in
                {
                    let channel = try await open(address, bootstrap)
                    return (channel, ListenAddress(host: address.host, port: channel.localAddress?.port ?? address.port))
                }
            }
        }
    }

    /// Listens on sockets that were opened by whoever started the process, and takes them over.
    /// - Throws: ``BindError`` for the first that cannot be listened on.
    package static func adopt(
        _ sockets: [InheritedSocket], configuration: ListenerConfiguration = .init(), handler: @escaping Handler
    ) async throws -> HTTPListener {
        try await listen(configuration, handler) { bootstrap in
            sockets.map { socket in
                {
                    let address = ListenAddress.socketFile(socket.name)
                    do {
                        let channel = try await bootstrap.withBoundSocket(socket.descriptor).get()
                        // NIO has shortened the line of those who wait.
                        socket.setBacklog(backlog)
                        return (channel, ListenAddress(channel.localAddress) ?? address)
                    } catch let error as IOError {
                        throw BindError(address: address, reason: String(cString: strerror(error.errnoCode)))
                    }
                }
            }
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

    private typealias Opening = () async throws -> (any Channel, ListenAddress)

    /// Starts an event loop and opens one socket after the other; when one fails, all are closed.
    private static func listen(
        _ configuration: ListenerConfiguration, _ handler: @escaping Handler, _ openings: (ServerBootstrap) -> [Opening]
    ) async throws -> HTTPListener {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var opened: [(channel: any Channel, address: ListenAddress)] = []
        do {
            let limit = OpenFileLimit.connections(configuration.maximumConnections)
            let registry = try await group.next().submit {
                NIOLoopBound(ConnectionRegistry(limit: limit), eventLoop: group.next())
            }.get()
            for open in openings(bootstrap(group, configuration, registry, handler)) { opened.append(try await open()) }
            return HTTPListener(
                addresses: opened.map(\.address), group: group, channels: opened.map(\.channel), registry: registry,
                configuration: configuration)
        } catch {
            for (channel, _) in opened { try? await channel.close() }
            try? await group.shutdownGracefully()
            throw error
        }
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
        _ group: MultiThreadedEventLoopGroup, _ configuration: ListenerConfiguration,
        _ registry: NIOLoopBound<ConnectionRegistry>, _ handler: @escaping Handler
    ) -> ServerBootstrap {
        let pipeline = ConnectionPipeline(configuration: configuration, handler: handler)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptFailureHandler(registry.value))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try pipeline.install(on: channel, registry: registry.value) }
            }
    }
}

/// An address that could not be listened on.
package struct BindError: Error, CustomStringConvertible {
    package let address: ListenAddress
    /// The system's reason, such as "Address already in use".
    package let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}
