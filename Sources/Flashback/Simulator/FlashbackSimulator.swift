package import HTTPServer
internal import HTTPTypes
package import Logging
package import NIOSSL
internal import ServiceLifecycle

/// A server of the simulated storage API.
///
/// ``start(_:addresses:tls:logger:)`` opens the sockets and answers from then on; ``run()`` serves until the task is cancelled
/// or the service group shuts down, and must be called for the sockets to be closed.
package struct FlashbackSimulator: Service, CustomStringConvertible {
    /// What is served.
    package let simulation: FlashbackSimulation
    /// Where the simulator is reached, with the port that the kernel chose where 0 was asked for.
    package let addresses: [ListenAddress]

    private let listener: HTTPListener
    private let isEncrypted: Bool

    /// - Parameters:
    ///   - tls: serves HTTPS with this configuration; nil serves plain HTTP.
    ///   - logger: told of every request at its debug level.
    /// - Throws: `BindError` for an address that cannot be listened on, and NIOSSL's errors for a certificate of no use.
    package static func start(
        _ simulation: FlashbackSimulation, addresses: [ListenAddress] = [ListenAddress(host: "127.0.0.1", port: 0)],
        tls: TLSConfiguration? = nil, logger: Logger? = nil
    ) async throws -> FlashbackSimulator {
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
        return FlashbackSimulator(
            simulation: simulation, addresses: listener.addresses, listener: listener, isEncrypted: tls != nil)
    }

    /// Serves a simulation on a port of the kernel's choice while the body runs.
    package static func serving<Result: Sendable>(
        _ simulation: FlashbackSimulation, tls: TLSConfiguration? = nil,
        _ body: @Sendable (FlashbackSimulator) async throws -> Result
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

    /// The API's base URL at an address, without a slash at its end. One that listens everywhere is named by the loopback.
    package func url(of address: ListenAddress) -> String {
        var host = address.host ?? "127.0.0.1"
        if host == "0.0.0.0" { host = "127.0.0.1" }
        if host == "::" { host = "::1" }
        return "\(isEncrypted ? "https" : "http")://\(ListenAddress(host: host, port: address.port))"
    }

    /// The base URL at the first address.
    package var url: String { addresses.first.map(url(of:)) ?? "" }

    /// How the service life cycle names it in its log.
    package var description: String { "flashback-simulator" }

    package func run() async throws {
        try await listener.run()
    }
}
