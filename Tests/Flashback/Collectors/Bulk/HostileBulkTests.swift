import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// Wrong, oversized or late answers about many buckets.
@Suite struct HostileBulkTests {
    private static let latency = "flashback_bucket_node_latency_seconds"
    private static let dropped = "flashback_exporter_dropped_rows_total"

    /// An account whose answer about many buckets' statuses contains the given rows.
    private func account(_ mode: BulkMode, rows: @escaping @Sendable (FlashbackSimulation) -> String) throws -> CollectedAccount {
        let given = NIOLockedValueBox<FlashbackSimulation?>(nil)
        let account = try CollectedAccount(
            buckets: 3, nodes: 1,
            collection: {
                $0.bulk = mode
                $0.collectors = ["buckets", "status"]
            },
            transport: { transport in
                StubTransport { request throws(TransferError) in
                    guard request.url.contains("/stats/nodes/minute"), let simulation = given.withLockedValue({ $0 }) else {
                        return try await transport.execute(request)
                    }
                    return TransferResponse(status: .ok, body: Array("{\"success\":true,\"data\":[\(rows(simulation))]}".utf8))
                }
            })
        given.withLockedValue { $0 = account.simulation }
        return account
    }

    private static func row(_ id: String, node: String = "n", _ rest: String = #""latency_ms":1"#) -> String {
        #"{"nodeId":"\#(node)","bucketId":"\#(id)",\#(rest)}"#
    }

    @Test func rowsAboutOtherBucketsAndDuplicatesAreDroppedAndCounted() async throws {
        let account = try account(.always) { simulation in
            let ids = simulation.buckets.map(\.id)
            let rows =
                ids.map { Self.row($0) } + [
                    Self.row("stranger"), Self.row("stranger", node: "m"), Self.row(ids[0]),
                    Self.row(ids[1], #""latency_ms":2,"lastUpdated":"2024-01-15T10:30:00Z""#), "1", #"{"bucketId":"x"}"#,
                    Self.row(ids[2], node: "other", #""latency_ms":-1"#),
                ]
            return rows.joined(separator: ",")
        }
        let exposition = try await account.scrape()
        #expect(exposition.samples(Self.latency).count == 3)
        #expect(exposition.value(Self.latency, ["bucket_id": account.id(1)]) == 0.002)
        #expect(!exposition.labelValues.contains("stranger"))
        #expect(exposition.value(Self.dropped, ["reason": "duplicate"]) == 2)
        #expect(exposition.value(Self.dropped, ["reason": "malformed_row"]) == 4)
        #expect(exposition.value(Self.dropped, ["reason": "out_of_range"]) == 1)
    }

    @Test(arguments: [BulkMode.always, .auto])
    func endlessResponseIsAbandoned(_ mode: BulkMode) async throws {
        let account = try account(mode) { simulation in
            let id = simulation.buckets[0].id
            return (0..<33_000).map { Self.row(id, node: "\($0)") }.joined(separator: ",")
        }
        let exposition = try await account.scrape()
        let outcome = exposition.samples("flashback_bucket_collector_success").map(\.value)
        #expect(outcome == (mode == .auto ? [1, 1, 1] : [0, 0, 0]))
        #expect(exposition.samples(Self.latency).count == (mode == .auto ? 3 : 0))
    }

    @Test func limitOfNodesAppliesToEachBucket() async throws {
        let account = try CollectedAccount(
            buckets: 4, nodes: 3,
            collection: {
                $0.bulk = .always
                $0.selection.maximumNodesPerBucket = 2
            })
        let exposition = try await account.scrape()
        #expect(exposition.samples(Self.latency).count == 8)
        #expect(exposition.value("flashback_exporter_refused_nodes", ["collector": "status"]) == 4)
    }

    @Test func identifierWithACommaIsRequestedOnItsOwn() async throws {
        let transport = StubTransport { request throws(TransferError) in
            let body =
                switch true {
                case request.url.hasSuffix("/bucket"): #"[{"id":"a,b","name":"1"},{"id":"a","name":"2"},{"id":"b","name":"3"}]"#
                case request.url.contains("/stats/nodes/minute"): "{\"data\":[\(Self.row("a")),\(Self.row("b"))]}"
                default: #"{"nodeStatus":[{"ip":"n","latency_ms":5}]}"#
                }
            return TransferResponse(status: .ok, body: Array(body.utf8))
        }
        let account = try CollectedAccount(
            collection: {
                $0.bulk = .always
                $0.collectors = ["buckets", "status"]
            }, transport: { _ in transport })
        let exposition = try await account.scrape()
        #expect(exposition.value(Self.latency, ["bucket_id": "a,b"]) == 0.005)
        #expect(exposition.value(Self.latency, ["bucket_id": "a"]) == 0.001)
        #expect(
            transport.requests.map(\.url).sorted() == [
                "https://api.example.com/bucket", "https://api.example.com/bucket/a%2Cb/status",
                "https://api.example.com/stats/nodes/minute?bucketId=a%2Cb",
            ])
    }

    @Test func throttledRequestIsRepeatedWithTheSameBucketsAfterThePause() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration()
            configuration.nodes = 1
            let account = try SimulatedAccount(configuration, time: time)
            account.simulation.faults.add(.status(429, retryAfter: "3"), to: .latestNodeStatistics, times: 1)
            let engine = account.engine {
                $0.bulk = .auto
                $0.collectors = ["buckets", "status"]
            }
            _ = await engine.snapshot()
            let exposition = try await engine.scrape()
            #expect(exposition.samples(Self.latency).count == 20)
            #expect(time.uptime >= .seconds(3))
            #expect(account.simulation.requests.count(.latestNodeStatistics) == 2)
            #expect(account.simulation.requests.count(.bucketStatus) == 0)
        }
    }

    @Test func bucketDeletedDuringItsRequestStaysDeleted() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration()
            configuration.nodes = 1
            let account = try SimulatedAccount(configuration, time: time)
            let engine = account.engine {
                $0.bulk = .auto
                $0.collectors = ["buckets", "status"]
                $0.lifetimes["buckets"] = .seconds(5)
            }
            account.simulation.faults.add(.delay(.seconds(20)), to: .latestNodeStatistics, times: 1)
            _ = try await engine.scrape(within: .seconds(1))
            let gone = account.simulation.buckets[4].id
            account.simulation.deleteBucket(gone)
            try await time.sleep(until: .seconds(10))
            _ = try await engine.scrape(within: .seconds(1))
            try await time.sleep(until: .seconds(25))
            let exposition = try await engine.scrape()
            #expect(exposition.samples(Self.latency).count == 19)
            #expect(!exposition.labelValues.contains(gone))
            #expect(account.simulation.requests.count(.latestNodeStatistics) == 1)
            #expect(account.simulation.requests.count(.bucketStatus) == 0)
        }
    }

    @Test func timedOutBatchIsRepeatedWithoutDelayingOthers() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration()
            configuration.nodes = 1
            configuration.buckets = 450
            let account = try SimulatedAccount(configuration, time: time)
            account.simulation.faults.add(.hang, to: .latestNodeStatistics, times: 1)
            let engine = account.engine {
                $0.bulk = .auto
                $0.collectors = ["buckets", "status"]
            }
            _ = try await engine.scrape()
            #expect(try await engine.scrape().samples(Self.latency).count == 250)
            try await time.sleep(until: .seconds(40))
            _ = try await engine.scrape()
            try await time.sleep(until: .seconds(80))
            _ = try await engine.scrape()
            let exposition = try await engine.scrape()
            #expect(exposition.samples(Self.latency).count == 450)
            #expect(account.simulation.requests.count(.bucketStatus) == 0)
            #expect(account.simulation.requests.received < 20)
        }
    }

    @Test func cancelledBatchIsRequestedAgain() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration()
            configuration.nodes = 1
            var settings = SimulatedAccount.Settings()
            settings.timeout = .seconds(600)
            let account = try SimulatedAccount(configuration, settings, time: time)
            let engine = account.engine {
                $0.bulk = .auto
                $0.collectors = ["buckets", "status"]
            }
            _ = try await engine.scrape()
            #expect(engine.isReady)
            account.simulation.faults.add(.hang, to: .latestNodeStatistics, times: 1)
            try await time.sleep(until: .seconds(40))
            _ = try await engine.scrape()
            // Without another scrape the request is cancelled.
            try await time.sleep(until: .seconds(250))
            let exposition = try await engine.scrape()
            #expect(exposition.samples(Self.latency).count == 20)
            #expect(exposition.samples("flashback_bucket_collector_success").allSatisfy { $0.value == 1 })
            #expect(account.simulation.requests.count(.bucketStatus) == 0)
        }
    }
}
