package import Basics
package import FlashbackAPI
package import FlashbackSimulator
package import HTTPClient
package import Logging

/// A simulated API and a client of it, on a test's time.
package struct SimulatedAccount: Sendable {
    /// The client's settings, which a test may change.
    package struct Settings: Sendable {
        package var concurrency = 16
        package var maximumRate: Double?
        package var retries = RetryPolicy.standard
        package var timeout = Duration.seconds(30)

        package init() {}
    }

    package let time: ManualTime
    /// The exporter's clocks.
    package let source: TimeSource
    package let simulation: FlashbackSimulation
    package let statistics: RequestStatistics
    package let client: FlashbackClient
    package let authentication: AuthenticationClient
    package let log = RecordedLog()

    package static let baseURL = APIBaseURL.simulated

    /// - Parameters:
    ///   - tokens: creates the source of tokens; nil for a token that never expires.
    ///   - source: the exporter's clocks; nil for the clocks of `time`, which are always the API's.
    ///   - wrap: puts a transport of the test around the simulation's.
    package init(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(), _ settings: Settings = Settings(), time: ManualTime,
        source: TimeSource? = nil, wrap: (any HTTPTransport) -> any HTTPTransport = { $0 },
        tokens: (AuthenticationClient, FlashbackSimulation, Logger) throws -> (any AccessTokenSource)? = { _, _, _ in nil }
    ) throws {
        var configuration = configuration
        configuration.staticToken = "static-token"
        self.time = time
        statistics = RequestStatistics(time: time.source)
        simulation = FlashbackSimulation(configuration, now: { time.now }, clock: time.clock)
        let source = source ?? time.source
        self.source = source
        let transport = wrap(TimedTransport(SimulationTransport(simulation), time: source))
        authentication = AuthenticationClient(
            baseURL: .simulated, transport: transport, statistics: statistics, time: source)
        let tokens =
            try tokens(authentication, simulation, log.logger)
            ?? StoredAccessToken(AccessTokenVariable(try AccessToken(parsing: "static-token")), time: source)
        client = FlashbackClient(
            baseURL: .simulated, transport: transport, tokens: tokens,
            budget: RequestBudget(limit: settings.concurrency, maximumRate: settings.maximumRate, time: source, jitter: { 0.5 }),
            retries: settings.retries, timeout: settings.timeout, statistics: statistics, time: source, jitter: { 0.5 })
    }

    /// How many requests of an endpoint got a code, or failed in a certain way.
    package func requests(_ endpoint: String, code: String) -> Int64 {
        statistics.current().first { $0.endpoint.description == endpoint }?.counts.requests[code]?.count ?? 0
    }
}

extension APIBaseURL {
    /// An address that the tests' transports never connect to.
    package static let simulated: APIBaseURL = {
        do { return try APIBaseURL(parsing: "http://simulated.invalid") } catch { preconditionFailure("\(error)") }
    }()
}

extension AuthenticationClient {
    /// A client without a request budget, whose requests are not counted.
    package static func simulated(_ transport: any HTTPTransport, _ time: ManualTime) -> AuthenticationClient {
        AuthenticationClient(baseURL: .simulated, transport: transport, statistics: RequestStatistics(), time: time.source)
    }
}
