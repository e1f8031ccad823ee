import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import TestSupport

/// A simulated account and the engine that collects it, in one process, without sockets and on the test's time.
struct CollectedAccount {
    let time: ManualTime
    let simulation: FlashbackSimulation
    let log = RecordedLog()
    let client: FlashbackClient
    let engine: CollectionEngine

    /// - Parameters:
    ///   - retries: failures are final unless the test specifies retries, so that nothing waits for a retry.
    ///   - transport: wraps the transport that passes requests to the simulation.
    init(
        buckets: Int = 3, nodes: Int = 2, limit: Int = 4, start: Double = 1_705_314_600, retries: RetryPolicy = .never,
        simulator: (inout SimulatorConfiguration) -> Void = { _ in },
        collection: (inout CollectionConfiguration) -> Void = { _ in },
        transport: (SimulationTransport) -> any HTTPTransport = { $0 }
    ) throws {
        let time = ManualTime(start: Date(timeIntervalSince1970: start))
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        configuration.nodes = nodes
        configuration.accessTokenLifetime = .seconds(365 * 86_400)
        simulator(&configuration)
        let simulation = FlashbackSimulation(configuration, now: { time.now }, clock: time.clock)
        let token = try AccessToken(parsing: simulation.issueTokens().accessToken)
        let client = FlashbackClient(
            baseURL: try APIBaseURL(parsing: "https://api.example.com"), transport: transport(SimulationTransport(simulation)),
            tokens: StoredAccessToken(AccessTokenVariable(token), time: time.source),
            budget: RequestBudget(limit: limit, time: time.source, jitter: { 0 }), retries: retries, time: time.source,
            jitter: { 0 })
        var collected = CollectionConfiguration()
        collection(&collected)
        self.time = time
        self.simulation = simulation
        self.client = client
        engine = CollectionEngine(client: client, configuration: collected, time: time.source, logger: log.logger)
    }

    /// The body of a scrape's response.
    func body(within timeout: Duration? = nil) async -> [UInt8] {
        await engine.snapshot(within: timeout).body(in: .text).bytes
    }

    /// A scrape's response. Throws when a series occurs twice.
    func scrape(within timeout: Duration? = nil) async throws -> ParsedExposition {
        try ParsedExposition(await body(within: timeout))
    }

    /// A scrape after some time.
    func scrape(after duration: Duration) async throws -> ParsedExposition {
        time.advance(by: duration)
        return try await scrape()
    }

    /// Advances the time second by second until a condition holds.
    func advance(until hasComeAbout: () -> Bool) async {
        while !hasComeAbout() {
            time.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
    }

    /// The identifier of a bucket by its index in the list.
    func id(_ number: Int) -> String { simulation.buckets[number].id }
}

extension CollectionEngine {
    /// Cancels requests that are never answered. Until then, the engine, its task and the clock keep each other in memory.
    func stop() async throws {
        let service = Task { try await run() }
        service.cancel()
        try await service.value
    }
}

extension ParsedExposition {
    /// The families that have a series with all of the given labels.
    func families(with labels: [String: String]) -> Set<String> {
        Set(families.filter { family in !samples(in: family, labels).isEmpty }.map(\.name))
    }

    private func samples(in family: Family, _ labels: [String: String]) -> [Sample] {
        family.samples.filter { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }
    }
}
