internal import CurlTransport
internal import ExporterServer
internal import FlashbackAPI
internal import Logging
internal import PrometheusCommandLine

/// The connection to one account's API.
enum Account {
    /// Opens the connection, hands its client on and closes it in the end, whatever happens meanwhile.
    /// - Throws: an error of one line when it cannot be opened, and whatever the body throws.
    static func withConnection<Result>(
        to upstream: Upstream, time: TimeSource, logger: Logger, _ body: (FlashbackClient) async throws -> Result
    ) async throws -> Result {
        var configuration = upstream.transport
        configuration.userAgent = "flashback-exporter/\(BuildInformation.version)"
        let transport: CurlTransport
        do {
            transport = try CurlTransport(configuration: configuration)
        } catch {
            throw InvalidArgument(configuration.caFile == nil ? "\(error)" : "--flashback.ca-file: \(error)")
        }
        let statistics = RequestStatistics()
        let authentication = AuthenticationClient(
            baseURL: upstream.baseURL, transport: transport, statistics: statistics, time: time)
        return try await closing(transport.shutdown) {
            let tokens = try tokens(of: upstream, authentication, time, logger)
            let client = FlashbackClient(
                baseURL: upstream.baseURL, transport: transport, tokens: tokens,
                budget: RequestBudget(limit: upstream.concurrency, maximumRate: upstream.maximumRate, time: time),
                timeout: configuration.totalTimeout, statistics: statistics, time: time)
            return try await closing(tokens.finish) { try await body(client) }
        }
    }

    /// Runs a body and then closes what it used, whether or not it threw.
    private static func closing<Result>(
        _ close: () async -> Void, after body: () async throws -> Result
    ) async throws -> Result {
        let result: Result
        do {
            result = try await body()
        } catch {
            await close()
            throw error
        }
        await close()
        return result
    }

    private static func tokens(
        of upstream: Upstream, _ client: AuthenticationClient, _ time: TimeSource, _ logger: Logger
    ) throws -> any AccessTokenSource {
        do {
            return try upstream.credentials.tokens(client: client, time: time, logger: logger)
        } catch {
            throw InvalidArgument("\(upstream.credentials.flag): \(error)")
        }
    }
}
