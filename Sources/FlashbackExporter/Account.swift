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
        do {
            let tokens = try tokens(of: upstream, authentication, time, logger)
            let client = FlashbackClient(
                baseURL: upstream.baseURL, transport: transport, tokens: tokens,
                budget: RequestBudget(limit: upstream.concurrency, maximumRate: upstream.maximumRate, time: time),
                timeout: configuration.totalTimeout, statistics: statistics, time: time)
            let result: Result
            do {
                result = try await body(client)
            } catch {
                await tokens.finish()
                throw error
            }
            await tokens.finish()
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
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
