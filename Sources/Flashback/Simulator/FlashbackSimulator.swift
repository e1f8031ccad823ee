package import HTTPServer
internal import HTTPTypes
package import Logging
package import NIOSSL
internal import ServiceLifecycle

/// The storage API without a server.
package protocol SimulatedAPI: Sendable {
    /// Answers one request.
    func respond(to request: ListenerRequest) async -> ListenerResponse
}

/// A server of the simulated storage API.
package typealias FlashbackSimulator = SimulatorServer<FlashbackSimulation>
/// A server of a recording.
package typealias ReplayServer = SimulatorServer<RecordingReplay>

/// A server of the simulated storage API, or of a recording.
///
/// ``start(_:addresses:tls:logger:)`` opens the sockets and answers from then on; ``run()`` serves until the task is cancelled or
/// the service group shuts down, and must be called for the sockets to be closed.
package struct SimulatorServer<API: SimulatedAPI>: Service, CustomStringConvertible {
    /// What is being served.
    package let simulation: API
    /// The server's addresses; a requested port 0 is replaced by the port that the kernel chose.
    package let addresses: [ListenAddress]

    private let listener: HTTPListener
    private let isEncrypted: Bool

    /// - Parameters:
    ///   - tls: the configuration for HTTPS; nil for plain HTTP.
    ///   - logger: logs each request at debug level.
    /// - Throws: `BindError` for an address that cannot be listened on, and NIOSSL's errors for an unusable certificate.
    package static func start(
        _ simulation: API, addresses: [ListenAddress] = [ListenAddress(host: "127.0.0.1", port: 0)],
        tls: TLSConfiguration? = nil, logger: Logger? = nil
    ) async throws -> SimulatorServer {
        var configuration = ListenerConfiguration()
        configuration.maximumBodyBytes = 64 * 1024
        configuration.drainTimeout = .seconds(1)
        configuration.answersHalfClosedClients = false
        if let tls { configuration.security = try ConnectionSecurity.fixed(tls) }
        let listener = try await HTTPListener.bind(to: addresses, configuration: configuration) { request in
            let response = await simulation.respond(to: request)
            logger?.debug(
                "Answered.",
                metadata: [
                    "method": "\(request.head.method.rawValue)", "path": "\(request.path)", "status": "\(response.status.code)",
                ])
            return response
        }
        return SimulatorServer(
            simulation: simulation, addresses: listener.addresses, listener: listener, isEncrypted: tls != nil)
    }

    /// Serves a simulation on a port chosen by the kernel while the closure runs.
    package static func serving<Result: Sendable>(
        _ simulation: API, tls: TLSConfiguration? = nil,
        _ body: @Sendable (SimulatorServer) async throws -> Result
    ) async throws -> Result {
        let simulator = try await start(simulation, tls: tls)
        return try await withThrowingTaskGroup { group in
            group.addTask { try await simulator.run() }
            do {
                let result = try await body(simulator)
                group.cancelAll()
                try await group.waitForAll()
                return result
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    /// The API's base URL at an address, without a trailing slash. For a listener on every interface, the loopback address is
    /// used.
    package func url(of address: ListenAddress) -> String {
        var host = address.host ?? "127.0.0.1"
        if host == "0.0.0.0" { host = "127.0.0.1" }
        if host == "::" { host = "::1" }
        return "\(isEncrypted ? "https" : "http")://\(ListenAddress(host: host, port: address.port))"
    }

    /// The base URL at the first address.
    package var url: String { addresses.first.map(url(of:)) ?? "" }

    /// The service's name in logs.
    package var description: String { "flashback-simulator" }

    package func run() async throws {
        try await listener.run()
    }
}
