internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// A minimal embedded HTTP server with one event loop and one handler for all requests, independent of the content served. It
/// supports HTTP/1.1, and HTTP/2 when negotiated in a TLS handshake.
///
/// ``bind(to:configuration:handler:)`` opens the sockets, so that a port conflict is detected before anything else starts;
/// ``run()`` serves until the task is cancelled or the service group shuts down, and then lets responses in progress finish.
package struct HTTPListener: Service, CustomStringConvertible {
    /// Answers one request. Its task is cancelled when the client disconnects.
    package typealias Handler = @Sendable (ListenerRequest) async -> ListenerResponse

    /// The maximum number of connections waiting to be accepted.
    private static let backlog: Int32 = 512

    /// The listener's addresses; a requested port 0 is replaced by the port that the kernel chose.
    package let addresses: [ListenAddress]

    private let group: MultiThreadedEventLoopGroup
    private let channels: [any Channel]
    private let registry: NIOLoopBound<ConnectionRegistry>
    private let configuration: ListenerConfiguration

    /// Opens a socket for each address; connections are accepted and answered from now on.
    /// - Throws: ``BindError`` for the first address that fails; no socket stays open then.
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

    /// Listens on sockets that were opened by the process' parent, and takes ownership of them.
    /// - Throws: ``BindError`` for the first socket that fails.
    package static func adopt(
        _ sockets: [InheritedSocket], configuration: ListenerConfiguration = .init(), handler: @escaping Handler
    ) async throws -> HTTPListener {
        try await listen(configuration, handler) { bootstrap in
            sockets.map { socket in
                {
                    let address = ListenAddress.socketFile(socket.name)
                    do {
                        let channel = try await bootstrap.withBoundSocket(socket.descriptor).get()
                        // NIO has reduced the backlog.
                        socket.setBacklog(backlog)
                        return (channel, ListenAddress(channel.localAddress) ?? address)
                    } catch let error as IOError {
                        throw BindError(address: address, reason: String(cString: strerror(error.errnoCode)))
                    }
                }
            }
        }
    }

    /// The addresses only, since services are logged with their description and the configuration may contain a private key.
    package var description: String { "HTTPListener(\(addresses.map(\.description).joined(separator: ", ")))" }

    /// Serves until shutdown, then drains.
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

    /// Starts an event loop and opens the sockets in order; if one fails, all are closed.
    private static func listen(
        _ configuration: ListenerConfiguration, _ handler: @escaping Handler, _ openings: (ServerBootstrap) -> [Opening]
    ) async throws -> HTTPListener {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var opened: [(channel: any Channel, address: ListenAddress)] = []
        do {
            let limit = OpenFileLimit.connections(configuration.maximumConnections)
            let registry = try await group.next().submit {
                NIOLoopBound(
                    ConnectionRegistry(limit: limit, stallTimeout: TimeAmount(configuration.stallTimeout)),
                    eventLoop: group.next())
            }.get()
            let bootstrap = bootstrap(group, configuration, registry, limit: limit, handler)
            for open in openings(bootstrap) { opened.append(try await open()) }
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
                // The IPv6 wildcard also accepts IPv4 connections, if the machine supports IPv6 at all.
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
            throw BindError(address: address, reason: "cannot resolve the host name")
        } catch {
            throw BindError(address: address, reason: "\(error)")
        }
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ configuration: ListenerConfiguration,
        _ registry: NIOLoopBound<ConnectionRegistry>, limit: Int, _ handler: @escaping Handler
    ) -> ServerBootstrap {
        let pipeline = ConnectionPipeline(configuration: configuration, handler: handler)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            // With NIO's default of four at a time, a new client would wait until hundreds of others have been answered several times. The
            // number stays well below the limit, so that a new connection need not make room before its request could be read.
            .serverChannelOption(.maxMessagesPerRead, value: UInt(max(4, limit / 4)))
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

/// A failure to listen on an address.
package struct BindError: Error, CustomStringConvertible {
    package let address: ListenAddress
    /// The system's reason, such as "Address already in use".
    package let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}
