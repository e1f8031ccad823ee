internal import Configuration
internal import ExporterWeb
internal import HTTPClient
internal import HTTPServer
internal import HTTPTypes

/// Requests the health of an exporter on this machine.
struct HealthCheck {
    /// The result of the check.
    struct Outcome {
        let isHealthy: Bool
        /// A description without line breaks.
        let line: String
    }

    /// Where the exporter listens.
    let address: ListenAddress
    /// `http` or `https`.
    let scheme: String
    let timeout: Duration

    /// A URL that reaches a listener on ``address``; for a listener on every interface, the loopback address.
    var url: String {
        let host =
            switch address.host {
            case nil, "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            case let host?: host
            }
        return "\(scheme)://\(ListenAddress(host: host, port: address.port))/-/healthy"
    }

    /// Makes the request.
    /// - Throws: a one-line error when no request can be made.
    func finding() async throws -> Outcome {
        var configuration = CurlTransportConfiguration(
            userAgent: "\(BuildInformation.program)/\(BuildInformation.version)", connectTimeout: timeout, totalTimeout: timeout,
            maximumResponseBytes: 4096)
        configuration.isForOwnMachine = true
        let transport: CurlTransport
        do {
            transport = try CurlTransport(configuration: configuration)
        } catch {
            throw InvalidArgument("\(error)")
        }
        let finding = await asked(transport)
        await transport.shutdown()
        return finding
    }

    private func asked(_ transport: CurlTransport) async -> Outcome {
        do throws(TransferError) {
            let response = try await transport.execute(
                TransferRequest(method: .get, url: url, followsRedirects: false))
            let isHealthy = response.status == .ok
            return Outcome(
                isHealthy: isHealthy, line: "\(isHealthy ? "healthy" : "not healthy"): \(url) answered \(response.status.code)")
        } catch {
            return Outcome(isHealthy: false, line: "not healthy: \(error)")
        }
    }
}
