import FlashbackAPI
import FlashbackSimulator
import HTTPClient
import TestSupport
import Testing

/// The credentials in the API's answers occur nowhere in the decoded values.
@Suite struct CredentialsTests {
    private static let canary = "CANARY-"

    @Test func credentialsAreNeverDecoded() async throws {
        var configuration = SimulatorConfiguration()
        configuration.canary = Self.canary
        configuration.dialect.clientFields = true
        let time = ManualTime()
        let simulation = FlashbackSimulation(configuration, now: { time.now }, clock: time.clock)
        #expect(simulation.secrets.allSatisfy { $0.contains(Self.canary) })
        let client = try client(SimulationTransport(simulation), time: time, token: simulation.issueTokens().accessToken)
        let buckets = try await client.send(ListBuckets())
        #expect(buckets.rows.count == configuration.buckets)
        let available = try await client.send(ListAvailableBuckets())
        #expect(!available.rows.isEmpty)
        for value in [buckets as Any, available] { expectNoCanary(in: value) }
    }

    @Test func canaryWouldBeFound() {
        struct Holder { let inner = ["x": [Self.self as Any, CredentialsTests.canary + "1"]] }
        var found = 0
        walk(Holder()) { if "\($0)".contains(Self.canary) { found += 1 } }
        #expect(found > 0)
    }

    @Test func fieldNamesContainNoCredentials() {
        for name in ["key", "secret", "apiKeyId", "apiKeyUuid", "password"] { #expect(FieldName(rawValue: name) == nil) }
    }

    private func expectNoCanary(in value: Any) {
        var dumped = ""
        dump(value, to: &dumped)
        #expect(!dumped.contains(Self.canary))
        #expect(!String(describing: value).contains(Self.canary))
        #expect(!String(reflecting: value).contains(Self.canary))
        var visited = 0
        walk(value) { child in
            visited += 1
            if let text = child as? String { #expect(!text.contains(Self.canary)) }
        }
        #expect(visited > 10)
    }

    /// Visits a value and everything in it.
    private func walk(_ value: Any, _ visit: (Any) -> Void) {
        visit(value)
        for child in Mirror(reflecting: value).children { walk(child.value, visit) }
    }
}
