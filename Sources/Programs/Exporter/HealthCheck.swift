internal import Configuration
internal import ExporterWeb
internal import HTTPClient
internal import HTTPServer
internal import HTTPTypes

/// A question to the exporter of this machine whether it is healthy.
struct HealthCheck {
    /// What came of it.
    struct Finding {
        let isHealthy: Bool
        /// For people, without a line break.
        let line: String
    }

    /// Where the exporter listens.
    let address: ListenAddress
    /// `http` or `https`.
    let scheme: String
    let timeout: Duration

    /// An address that reaches what listens on ``address``: who listens on every interface is asked over the loopback.
    var url: String {
        let host =
            switch address.host {
            case nil, "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            case let host?: host
            }
        return "\(scheme)://\(ListenAddress(host: host, port: address.port))/-/healthy"
    }

    /// Asks.
    /// - Throws: an error of one line when no question can be asked at all.
    func finding() async throws -> Finding {
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

    private func asked(_ transport: CurlTransport) async -> Finding {
        do throws(TransferError) {
            let response = try await transport.execute(
                TransferRequest(method: .get, url: url, followsRedirects: false))
            let isHealthy = response.status == .ok
            return Finding(
                isHealthy: isHealthy, line: "\(isHealthy ? "healthy" : "not healthy"): \(url) answered \(response.status.code)")
        } catch {
            return Finding(isHealthy: false, line: "not healthy: \(error)")
        }
    }
}
