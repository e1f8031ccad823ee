import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP2
import Testing

@testable import HTTPServer

/// HTTP/2 connections that end while their client reads nothing, on a time that the test advances.
@Suite struct EndingConnectionTests {
    /// A connection whose send buffer is full, with one request in progress.
    private struct Client {
        let channel = EmbeddedChannel()
        let connection: Connection
        let stream: Exchange

        init(_ configuration: ListenerConfiguration, _ registry: ConnectionRegistry) throws {
            connection = Connection(configuration, registry: registry, isSecured: true)
            let goAway = GoAwayHandler()
            try channel.pipeline.syncOperations.addHandlers([FullBuffer(), connection, goAway])
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "client")).wait()
            connection.speaksHTTP2(goAway)
            stream = Exchange(onStreamOf: connection, configuration) { _ in ListenerResponse(status: .ok) }
            connection.streamOpened(stream, 1)
            stream.timer.enter(.handling, on: channel)
        }

        /// Ends the connection, and then its only request.
        func end() {
            connection.end()
            connection.streamClosed(stream)
            channel.embeddedEventLoop.run()
        }

        /// Releases the channel: it and its handlers refer to each other until it is closed.
        func close() { _ = try? channel.finish(acceptAlreadyClosed: true) }
    }

    /// Keeps what is written.
    private final class FullBuffer: ChannelOutboundHandler {
        typealias OutboundIn = HTTP2Frame
        private var unsent: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { unsent.append(promise) }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            for promise in unsent { promise.fail(ChannelError.ioOnClosedChannel) }
        }
    }

    private let configuration = ListenerConfiguration()

    @Test func connectionBeyondTheLimitMakesRoom() throws {
        let registry = ConnectionRegistry(limit: 1, stallTimeout: TimeAmount(configuration.stallTimeout))
        let busy = try Client(configuration, registry)
        let extra = try Client(configuration, registry)
        #expect(extra.connection.isOneTooMany)
        extra.end()
        #expect(extra.channel.isActive)
        let next = try Client(configuration, registry)
        #expect(!extra.channel.isActive && busy.channel.isActive)
        for client in [busy, extra, next] { client.close() }
    }

    @Test func connectionBeyondTheLimitIsClosedSoon() throws {
        let registry = ConnectionRegistry(limit: 1, stallTimeout: TimeAmount(configuration.stallTimeout))
        let busy = try Client(configuration, registry)
        let extra = try Client(configuration, registry)
        extra.end()
        #expect(extra.channel.isActive)
        extra.channel.embeddedEventLoop.advanceTime(by: TimeAmount(configuration.lingerTimeout))
        #expect(!extra.channel.isActive && busy.channel.isActive)
        for client in [busy, extra] { client.close() }
    }

    /// At shutdown, a slow client may still be reading a proper response.
    @Test func otherConnectionHasTheTimeOfAResponse() throws {
        let registry = ConnectionRegistry(limit: 9, stallTimeout: TimeAmount(configuration.stallTimeout))
        let client = try Client(configuration, registry)
        client.end()
        client.channel.embeddedEventLoop.advanceTime(by: TimeAmount(configuration.idleTimeout) - .milliseconds(1))
        #expect(client.channel.isActive)
        client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!client.channel.isActive)
        client.close()
    }
}
