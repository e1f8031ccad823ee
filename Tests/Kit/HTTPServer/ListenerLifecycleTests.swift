import Foundation
import HTTPServer
import TestTools
import Testing

/// The start and the end of a listener, and of the requests in progress.
@Suite struct ListenerLifecycleTests {
    @Test func shutdownFinishesTheResponseUnderWay() async throws {
        let gate = Gate()
        var configuration = ListenerConfiguration()
        configuration.drainTimeout = .seconds(120)
        let listener = try await HTTPListener.bind(
            to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: configuration
        ) { request in
            request.path == "/idle" ? echo(request) : await gate.handle(request)
        }
        let port = try #require(listener.addresses.first).port
        let service = Task { try await listener.run() }
        async let busy = blocking {
            let client = try RawClient(port: port)
            try client.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n")
            return try client.receiveAll()
        }
        await gate.waitForEntry()
        let isIdle = AsyncStream<Void>.makeStream()
        async let idle = blocking {
            let client = try RawClient(port: port)
            try client.send("GET /idle HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response()?.status == 200)
            isIdle.continuation.finish()
            return try client.receiveAll()
        }
        for await _ in isIdle.stream {}
        service.cancel()
        // The connection without a request ends while the other request is being answered.
        #expect(try await idle.isEmpty)
        gate.open()
        let text = try await busy
        #expect(text.hasSuffix("GET /busy - "))
        #expect(text.lowercased().contains("connection: close"))
        try await service.value
        // Nothing listens there any more. Since the port is free, another program may take it, or the client may connect to itself, but not
        // every time.
        #expect((0..<10).contains { _ in (try? RawClient(port: port)) == nil })
    }

    @Test func shutdownHasATimeout() async throws {
        let gate = Gate()
        var configuration = ListenerConfiguration()
        configuration.drainTimeout = .milliseconds(100)
        let listener = try await HTTPListener.bind(
            to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: configuration, handler: gate.handle)
        let port = try #require(listener.addresses.first).port
        let service = Task { try await listener.run() }
        async let text = blocking {
            let client = try RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return try client.receiveAll()
        }
        await gate.waitForEntry()
        service.cancel()
        try await service.value
        #expect(try await text.isEmpty)
        gate.open()
    }

    /// If half-closed clients are answered, only the reset reveals a client that has disconnected.
    @Test(arguments: [true, false])
    func handlerIsCancelledWhenItsClientDisconnects(_ answersHalfClosedClients: Bool) async throws {
        let gate = Gate()
        let ended = AsyncStream<Void>.makeStream()
        try await serving(
            { $0.answersHalfClosedClients = answersHalfClosedClients },
            handler: { request in
                let response = await gate.handle(request)
                ended.continuation.finish()
                return response
            }
        ) { port async throws in
            let client = try RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await gate.waitForEntry()
            if answersHalfClosedClients { client.reset() } else { client.close() }
            for await _ in ended.stream {}
            #expect(gate.wasCancelled)
        }
    }

    @Test func portInUseErrorNamesIt() async throws {
        try await serving { port async throws in
            let taken = ListenAddress(host: "127.0.0.1", port: port)
            let free = ListenAddress(host: "127.0.0.1", port: 0)
            let error = await #expect(throws: BindError.self) {
                try await HTTPListener.bind(to: [free, taken], handler: { echo($0) })
            }
            #expect(error?.address == taken)
            #expect(error?.description == "cannot listen on 127.0.0.1:\(port): Address already in use")
        }
    }

    @Test(arguments: ["203.0.113.1", String(repeating: "a", count: 64) + ".invalid", "256.0.0.1"])
    func foreignAddressIsAnError(_ host: String) async throws {
        let error = await #expect(throws: BindError.self) {
            try await HTTPListener.bind(to: [ListenAddress(host: host, port: 0)], handler: { echo($0) })
        }
        #expect(error?.address.host == host)
        #expect(error?.description.contains("\n") == false)
        #expect(error?.reason.isEmpty == false)
    }

    @Test func severalAddressesAreServed() async throws {
        let addresses = [ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "localhost", port: 0)]
        let listener = try await HTTPListener.bind(to: addresses, handler: { echo($0) })
        #expect(listener.addresses.map(\.host) == ["127.0.0.1", "localhost"])
        #expect(listener.addresses.allSatisfy { $0.port > 0 })
        let service = Task { try await listener.run() }
        for address in listener.addresses.prefix(1) {
            let text = try await blocking {
                let client = try RawClient(port: address.port)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response()?.text
            }
            #expect(text == "GET / - ")
        }
        service.cancel()
        try await service.value
    }

    @Test func ipv6IsServed() async throws {
        try await serving(host: "::1") { port async throws in
            let text = try await blocking {
                let client = try RawClient(port: port, host: "::1")
                try client.send("GET /six HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response()?.text
            }
            #expect(text == "GET /six - ")
        }
    }

    @Test func emptyHostServesEveryInterface() async throws {
        try await serving(host: nil) { port async throws in
            for host in ["127.0.0.1", "::1"] {
                let text = try await blocking {
                    let client = try RawClient(port: port, host: host)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    return try client.response()?.text
                }
                #expect(text == "GET / - ")
            }
        }
    }

    @Test func manyConnectionsAtOnceAreServed() async throws {
        try await serving { port async throws in
            let texts = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await blocking {
                            let client = try RawClient(port: port)
                            try client.send("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                            return try client.response()?.text
                        }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(texts == Set((0..<100).map { "GET /\($0) - " }))
        }
    }
}
