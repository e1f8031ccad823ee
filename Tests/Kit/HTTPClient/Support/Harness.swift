import Basics
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import NIOSSL

@testable import HTTPClient

/// Runs the body with a transport, which is shut down afterwards.
func withTransport<Result>(
    _ configure: (inout CurlTransportConfiguration) -> Void = { _ in }, _ body: (CurlTransport) async throws -> Result
) async throws -> Result {
    var configuration = CurlTransportConfiguration()
    // No time-out except the one that a test examines: a stalling machine must not look like a stalling server.
    configuration.connectTimeout = .seconds(600)
    configuration.totalTimeout = .seconds(3600)
    configure(&configuration)
    let transport = try CurlTransport(configuration: configuration)
    do {
        let result = try await body(transport)
        await transport.shutdown()
        return result
    } catch {
        await transport.shutdown()
        throw error
    }
}

/// Runs the body with a listener on 127.0.0.1 and its port.
func withListener<Result>(
    tls: TLSConfiguration? = nil, handler: @escaping HTTPListener.Handler, _ body: (Int) async throws -> Result
) async throws -> Result {
    var configuration = ListenerConfiguration()
    configuration.maximumBodyBytes = 64 * 1024 * 1024
    // On a stalling machine, a large body may take any time.
    configuration.requestTimeout = .seconds(3600)
    configuration.idleTimeout = .seconds(3600)
    configuration.drainTimeout = .milliseconds(100)
    configuration.answersHalfClosedClients = false
    if let tls { configuration.security = try ConnectionSecurity.fixed(tls) }
    let listener = try await HTTPListener.bind(
        to: [ListenAddress(host: "127.0.0.1", port: 0)], configuration: configuration, handler: handler)
    let running = Task { try await listener.run() }
    do {
        let result = try await body(listener.addresses[0].port)
        running.cancel()
        try await running.value
        return result
    } catch {
        running.cancel()
        try await running.value
        throw error
    }
}

extension HTTPTransport {
    func get(_ url: String, timeout: Duration? = nil, token: String? = nil) async throws(TransferError) -> TransferResponse {
        try await execute(TransferRequest(method: .get, url: url, bearerToken: token.map { Secret($0) }, timeout: timeout))
    }

    /// The request's error; nil when it gets a response.
    func failure(_ request: TransferRequest) async -> TransferError? {
        do throws(TransferError) {
            _ = try await execute(request)
            return nil
        } catch {
            return error
        }
    }

    func failure(_ url: String, timeout: Duration? = nil) async -> TransferError? {
        await failure(TransferRequest(method: .get, url: url, timeout: timeout))
    }
}

/// Requests as seen by the server.
final class Recorder: Sendable {
    private let box = NIOLockedValueBox<[ListenerRequest]>([])

    var requests: [ListenerRequest] { box.withLockedValue { $0 } }

    func record(_ request: ListenerRequest) { box.withLockedValue { $0.append(request) } }
}

extension TransferResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
