import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import TestSupport

/// A simulated account and what collects it, in one process, without sockets and on the test's time.
struct CollectedAccount {
    let time: ManualTime
    let simulation: FlashbackSimulation
    let log = RecordedLog()
    let client: FlashbackClient
    let engine: CollectionEngine

    /// - Parameters:
    ///   - retries: failures are final unless the test says otherwise, so that nothing waits for a retry.
    ///   - transport: what carries the requests, made of what carries them to the simulation.
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

    /// A scrape's response. Reading it fails when a series comes twice.
    func scrape(within timeout: Duration? = nil) async throws -> ParsedExposition {
        try ParsedExposition(await body(within: timeout))
    }

    /// The scrape after some time.
    func scrape(after duration: Duration) async throws -> ParsedExposition {
        time.advance(by: duration)
        return try await scrape()
    }

    /// Moves the time on, second by second, until something has come about.
    func advance(until hasComeAbout: () -> Bool) async {
        while !hasComeAbout() {
            time.advance(by: .seconds(1))
            for _ in 0..<100 { await Task.yield() }
        }
    }

    /// The identifier of a bucket by its place in the list.
    func id(_ number: Int) -> String { simulation.buckets[number].id }
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
