internal import Basics
internal import Configuration
internal import ExporterWeb
internal import FlashbackAPI
internal import HTTPClient
internal import Logging

/// The connection to one account's API: transport, token and request budget, none of them shared with other accounts.
struct APIConnection: Sendable {
    let client: FlashbackClient
    private let transport: CurlTransport
    private let tokens: any AccessTokenSource

    /// Opens the connection without making a request.
    /// - Parameter observer: sees all exchanges; nil for none.
    /// - Throws: a one-line error when it cannot be opened.
    init(
        to upstream: Upstream, observer: (any ExchangeObserver)? = nil, time: TimeSource, logger: Logger
    ) async throws {
        var configuration = upstream.transport
        configuration.userAgent = "\(BuildInformation.program)/\(BuildInformation.version)"
        do {
            transport = try CurlTransport(configuration: configuration)
        } catch {
            throw InvalidArgument(configuration.caFile == nil ? "\(error)" : "--flashback.ca-file: \(error)")
        }
        var observed: any HTTPTransport = transport
        if let observer { observed = ObservedTransport(transport, observer: observer, time: time) }
        let statistics = RequestStatistics(time: time)
        let budget = RequestBudget(limit: upstream.concurrency, maximumRate: upstream.maximumRate, time: time)
        let authentication = AuthenticationClient(
            baseURL: upstream.baseURL, transport: observed, budget: budget, statistics: statistics, time: time)
        do {
            tokens = try upstream.credentials.tokens(client: authentication, time: time, logger: logger)
        } catch {
            await transport.shutdown()
            throw InvalidArgument("\(upstream.credentials.flag): \(error)")
        }
        client = FlashbackClient(
            baseURL: upstream.baseURL, transport: observed, tokens: tokens, budget: budget,
            timeout: configuration.totalTimeout, statistics: statistics, time: time)
    }

    /// How long shutdown waits for a token renewal: the API may already have replaced the token.
    private static let patienceAtEnd = Duration.milliseconds(3500)

    /// Waits for a token renewal in progress and prevents further ones, so that a successor can renew with the same file.
    func finishRenewals() async { await tokens.finish() }

    /// Undoes one ``finishRenewals()``.
    func resumeRenewals() async { await tokens.resume() }

    /// Does the same at shutdown, for a limited time.
    func endRenewals() async { await tokens.finish(within: Self.patienceAtEnd) }

    /// Retries to save a renewed token that could not be saved.
    /// - Returns: whether nothing is left to save.
    func saveToken() async -> Bool { await tokens.save() }

    /// Closes the connection. May be called more than once. When the task is cancelled, a renewal gets a limited time.
    func close() async {
        await withTaskCancellationHandler {
            await tokens.finish()
        } onCancel: {
            Task { await endRenewals() }
        }
        await transport.shutdown()
    }
}
