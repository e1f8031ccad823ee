import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
    @Test func endsTransfersAndClosesConnections() async throws {
        let arrived = Signal()
        let ended = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            arrived.fire()
            connection.waitForEnd()
            ended.fire()
        }
        defer { server.stop() }
        let transport = try CurlTransport(configuration: .init(maximumConnectionsPerHost: 5))
        let tasks = (0..<20).map { _ in Task { await transport.failure(server.url) } }
        await arrived.wait(times: 5)
        await transport.shutdown()
        await ended.wait(times: 5)
        for task in tasks {
            let error = try #require(await task.value)
            #expect(error.kind == .shutDown)
            #expect(error.message == "the request to 127.0.0.1:\(server.port) was aborted by the shutdown")
        }
    }

    @Test func closesIdleConnections() async throws {
        let ended = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.waitForEnd()
            ended.fire()
        }
        defer { server.stop() }
        let transport = try CurlTransport(configuration: .init())
        let response = try await transport.get(server.url)
        #expect(response.text == "ok")
        await transport.shutdown()
        await ended.wait()
    }

    @Test func mayBeRepeatedAndLaterRequestsFail() async throws {
        let transport = try CurlTransport(configuration: .init())
        await withTaskGroup { group in
            for _ in 0..<10 { group.addTask { await transport.shutdown() } }
        }
        await transport.shutdown()
        #expect(await transport.failure("http://127.0.0.1:1/")?.kind == .shutDown)
    }

    @Test func endsEveryRequestThatRacesWithIt() async throws {
        let handler: HTTPListener.Handler = { _ in .text(.ok, "ok") }
        try await withListener(handler: handler) { port in
            for _ in 0..<20 {
                let transport = try CurlTransport(configuration: .init())
                let tasks = (0..<50).map { _ in Task { await transport.failure("http://127.0.0.1:\(port)/")?.kind } }
                await Task.yield()
                await transport.shutdown()
                for task in tasks {
                    let kind = await task.value
                    #expect(kind == nil || kind == .shutDown)
                }
            }
        }
    }

    @Test func leavesNoThreadBehind() async throws {
        let ended = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.waitForEnd()
            ended.fire()
        }
        defer { server.stop() }
        weak var dropped: CurlTransport?
        do {
            let transport = try CurlTransport(configuration: .init())
            dropped = transport
            let response = try await transport.get(server.url)
            #expect(response.text == "ok")
        }
        #expect(dropped == nil)
        // Closing its connections is the thread's last action.
        await ended.wait()
    }

    @Test func unusedTransportIsReleased() throws {
        for _ in 0..<100 { _ = try CurlTransport(configuration: .init()) }
    }
}
