import Exposition
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import TestSupport
import TestTools
import Testing

/// The response to a scrape, byte for byte: for a healthy account and for each failure of the API.
@Suite struct GoldenTests {
    @Test func healthyAccount() async throws {
        let account = try CollectedAccount()
        try expectGolden("healthy", await account.body())
    }

    @Test func healthyAccountInOpenMetrics() async throws {
        let account = try CollectedAccount()
        try expectGolden("healthy-openmetrics", await account.engine.snapshot().body(in: .openMetrics).bytes)
    }

    @Test func healthyAccountAfterAnAPIFailure() async throws {
        let account = try CollectedAccount(buckets: 1, nodes: 1)
        _ = await account.body()
        account.simulation.setOutage(.unavailable)
        account.time.advance(by: .seconds(60))
        try expectGolden("stale", await account.body())
    }

    /// A failure of every request, and the name of its golden file.
    enum Failure: String, CaseIterable {
        case internalServerError = "status-500"
        case forbidden = "status-403"
        case notFound = "status-404"
        case badGatewayPage = "html-502"
        case truncatedJSON = "truncated-json"
        case wrongTypes = "wrong-types"
        case emptyBody = "empty-body"
        case unsuccessful = "success-false"
        case brokenOff = "broken-off"

        var fault: SimulatedFault {
            switch self {
            case .internalServerError: .status(500)
            case .forbidden: .status(403)
            case .notFound: .status(404)
            case .badGatewayPage: .badGatewayPage
            case .truncatedJSON: .truncatedJSON
            case .wrongTypes: .wrongTypes()
            case .emptyBody: .emptyBody()
            case .unsuccessful: .unsuccessful
            case .brokenOff: .brokenOff
            }
        }
    }

    @Test(arguments: Failure.allCases)
    func everyRequestFails(_ failure: Failure) async throws {
        let account = try CollectedAccount()
        account.simulation.faults.add(failure.fault)
        try expectGolden(failure.rawValue, await account.body())
    }

    /// After such an answer no other request is made, so the first of several concurrent requests would determine the result: here the
    /// list's request is the first and only one.
    @Test(arguments: [(429, nil), (429, "3600")] as [(Int, String?)])
    func firstRequestIsTheLast(_ code: Int, _ retryAfter: String?) async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["buckets", "status"] })
        account.simulation.faults.add(.status(code, retryAfter: retryAfter))
        try expectGolden("status-\(code)\(retryAfter == nil ? "" : "-retry-after")", await account.body())
        #expect(account.simulation.requests.received == 1)
    }

    /// The list is the first request, after which only the other lists are requested: one of them might accept the token.
    @Test func tokenIsRefused() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["buckets", "status"] })
        account.simulation.faults.add(.status(401))
        try expectGolden("status-401", await account.body())
        #expect(account.simulation.requests.received == 3)
    }

    @Test(arguments: [("refused-connection", TransferError.Kind.connectionFailed), ("bad-tls", .certificateRejected)])
    func noRequestSucceeds(_ name: String, _ kind: TransferError.Kind) async throws {
        let account = try CollectedAccount(transport: { _ in StubTransport(failing: kind) })
        try expectGolden(name, await account.body())
    }

    @Test func deadlineComesFirst() async throws {
        let account = try CollectedAccount()
        account.simulation.setOutage(.hanging)
        async let body = account.body(within: .seconds(10))
        await account.simulation.requests.wait(untilReceived: 1)
        // Two sleepers: the scrape's deadline, and the timer that ends the work without another scrape.
        await account.time.clock.waitForSleepers(2)
        account.time.advance(by: .seconds(10))
        try expectGolden("deadline", await body)
        try await account.engine.stop()
    }

    /// All series of one failing bucket disappear, and no others.
    @Test(arguments: [
        ("one-bucket-500", SimulatedFault.status(500)),
        ("one-bucket-wrong-types", .wrongTypes(fields: ["latency_ms", "perc_uptime"])),
    ])
    func oneBucketFails(_ name: String, _ fault: SimulatedFault) async throws {
        let account = try CollectedAccount(buckets: 2, nodes: 1)
        account.simulation.faults.add(fault, bucket: account.id(0))
        try expectGolden(name, await account.body())
    }
}
