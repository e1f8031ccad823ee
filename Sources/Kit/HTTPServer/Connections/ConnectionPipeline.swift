internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOSSL

/// Builds a connection's channel pipeline.
struct ConnectionPipeline {
    /// The maximum number of concurrent requests on an HTTP/2 connection. RFC 9113 section 6.5.2 recommends 100, but Prometheus
    /// uses one, and each holds memory until its client reads the response.
    static let maximumStreams = 8

    let configuration: ListenerConfiguration
    let handler: HTTPListener.Handler

    /// Sets up a newly accepted connection.
    func install(on channel: any Channel, registry: ConnectionRegistry) throws {
        let pipeline = channel.pipeline.syncOperations
        let security = configuration.security()
        let connection = Connection(configuration, registry: registry, isSecured: security != nil)
        if let security {
            let tls = security.handler()
            let handshake = HandshakeHandler(tls, security) { [self] negotiated, channel in
                if negotiated == "h2" {
                    try installHTTP2(on: channel, connection)
                } else {
                    try installHTTP1(on: channel, connection)
                }
            }
            try pipeline.addHandlers([tls, handshake, connection])
        } else {
            if configuration.answersHalfClosedClients { try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true) }
            try pipeline.addHandler(connection)
            try installHTTP1(on: channel, connection)
        }
    }

    private func installHTTP1(on channel: any Channel, _ connection: Connection) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHeaderBytes
        limits.maxHeaderListSize = configuration.maximumHeaderBytes
        limits.maxHeaderFieldCount = configuration.maximumHeaderFields
        let exchange = Exchange(on: connection, configuration, handler: handler)
        let pipeline = channel.pipeline.syncOperations
        let decoder = RequestDecoder(limits)
        // The exchange answers malformed requests itself.
        try pipeline.addHandlers([
            HTTPResponseEncoder(), ByteToMessageHandler(decoder), RequestDecoder.UpgradeWatch(decoder),
            HTTPServerPipelineHandler(), NIOHTTPResponseHeadersValidator(), exchange,
        ])
        connection.speaksHTTP1(exchange)
    }

    private func installHTTP2(on channel: any Channel, _ connection: Connection) throws {
        var http2 = NIOHTTP2Handler.ConnectionConfiguration()
        http2.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Self.maximumStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: configuration.maximumHeaderBytes),
        ]
        let goAway = GoAwayHandler()
        let boundConnection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let multiplexer = NIOHTTP2Handler(
            mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: http2
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let connection = boundConnection.value
                guard connection.streamCount < Self.maximumStreams else {
                    // NIO enforces the setting only after the client has acknowledged it, which the client may never do.
                    stream.writeAndFlush(HTTP2Frame.FramePayload.rstStream(.refusedStream), promise: nil)
                    return
                }
                let exchange = Exchange(onStreamOf: connection, configuration, handler: handler)
                if let identifier = try stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) {
                    connection.streamOpened(exchange, identifier)
                }
                try stream.pipeline.syncOperations.addHandlers([HTTP2FramePayloadToHTTP1ServerCodec(), exchange])
            }
        }
        connection.speaksHTTP2(goAway)
        try channel.pipeline.syncOperations.addHandlers([multiplexer, goAway])
    }
}
