import Basics
import FlashbackAPI
import FlashbackCollectors
import FlashbackRecording
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import TestSupport
import Testing

/// Every variation of the simulator differs from the contract; the documented form does not.
@Suite struct ContractDialectTests {
    /// A variation, and a part of the line that reports it.
    struct Variation: Sendable, CustomStringConvertible {
        let description: String
        let expected: String
        let change: @Sendable (inout APIDialect) -> Void

        init(_ expected: String, _ description: String, _ change: @escaping @Sendable (inout APIDialect) -> Void) {
            (self.expected, self.description, self.change) = (expected, description, change)
        }
    }

    /// One for each property of `APIDialect`.
    static let variations: [Variation] = [
        Variation("GET /bucket/{bucketId}/status: nodeStatus.latency_ms: called latencyMs", "latencyName") {
            $0.latencyName = .camelCase
        },
        Variation("GET /bucket/stats: stats.bucketId: called unitId", "bucketIDName") { $0.bucketIDName = .unitID },
        Variation("stats.totalCount: number instead of string", "totalsKind") { $0.totalsKind = .number },
        Variation("stats.totalUploadBytes: called uplBytes", "totalsNames") { $0.totalsNames = .camelCase },
        Variation("buckets.storageType: word AZURE", "azureWord") { $0.azureWord = .azure },
        Variation("GET /bucket: buckets: the list itself", "list") { $0.list = .array },
        Variation("GET /bucket/available: buckets: an object with the list", "available") { $0.available = .envelope },
        Variation("problem: GET /bucket: buckets.region: missing everywhere", "optionalFields") { $0.optionalFields = .missing },
        Variation("nodeStatus.latency_ms: missing in some", "latencyWhenDown") { $0.latencyWhenDown = .missing },
        Variation("nodeStatus.lastUpdated: called last_updated", "lastUpdatedName") { $0.lastUpdatedName = .snakeCase },
        Variation("nodeStatus.status: called nodeStatus", "nodeStatusName") { $0.nodeStatusName = .camelCase },
        Variation("nodeStats.host: called url", "hostName") { $0.hostName = .url },
        Variation("nodeStats.perc_uptime: called online", "uptimeName") { $0.uptimeName = .online },
        Variation("nodeStatus.status: word ERROR", "disconnectedWord") { $0.disconnectedWord = .error },
        Variation("buckets.status: word ACTIVE", "onlineBucketWord") { $0.onlineBucketWord = .active },
        Variation("POST /user/login: accessToken: called token", "accessTokenName") { $0.accessTokenName = .token },
        Variation("POST /user/login: refreshToken: called refresh_token", "refreshTokenName") {
            $0.refreshTokenName = .snakeCase
        },
        Variation("expiresAt: milliseconds instead of seconds", "expiryUnit") { $0.expiryUnit = .milliseconds },
        Variation("buckets.createdAt: time without milliseconds", "timeForm") { $0.timeForm = .seconds },
        Variation("error: has error_code, error_message instead of message", "errorEnvelope") { $0.errorEnvelope = .snakeCase },
        Variation("GET /bucket/stats: stats: no row for a listed bucket", "omitsIdleBuckets") { $0.omitsIdleBuckets = true },
        Variation("GET /bucket: buckets: new field projectId (string)", "clientFields") { $0.clientFields = true },
        Variation("repos.buckets: called units", "repositoryBucketsName") { $0.repositoryBucketsName = .units },
        Variation("repos.buckets.bucketId: missing everywhere", "repositoryBucketForm") {
            $0.repositoryBucketForm = .description
        },
        Variation("GET /node: data: the list itself", "nodeList") { $0.nodeList = .array },
        Variation("GET /node: data.latencyMs: called latency_ms", "nodeLatencyName") { $0.nodeLatencyName = .snakeCase },
        Variation("GET /node: data.url: called endpoint", "nodeAddressName") { $0.nodeAddressName = .endpoint },
        Variation("GET /node: data.status: word running", "onlineNodeWord") { $0.onlineNodeWord = .running },
        Variation("entities.totals.uplBytes: called upl_bytes", "trafficNames") { $0.trafficNames = .snakeCase },
        Variation("entities.totals.requests: string instead of number", "trafficKind") { $0.trafficKind = .string },
        Variation("entities: 2 rows on a page of 100", "maximumTrafficPageRows") { $0.maximumTrafficPageRows = 2 },
        Variation("meta.totalEntities: missing everywhere", "omitsTotalEntities") { $0.omitsTotalEntities = true },
        Variation("series.ts: milliseconds instead of seconds", "seriesTimeUnit") { $0.seriesTimeUnit = .milliseconds },
        Variation("data.nodeId: identifier instead of IP address", "nodeIDForm") { $0.nodeIDForm = .identifier },
        Variation("data.day: seconds instead of ddmmyyyy", "dayForm") { $0.dayForm = .seconds },
        Variation("data.online: string instead of number", "statisticsKind") { $0.statisticsKind = .string },
        Variation("quotaUsage.usage.current: string instead of number", "amountKind") { $0.amountKind = .string },
        Variation("data.dateBalance: day without time", "creditDateForm") { $0.creditDateForm = .day },
        Variation("GET /user/quota: error: has message instead of error_code, message", "quotaErrorEnvelope") {
            $0.quotaErrorEnvelope = .message
        },
    ]

    /// Further values of variations that have more than two.
    static let furtherValues: [Variation] = [
        Variation("GET /node: data.latencyMs: null", "optionalFields null") { $0.optionalFields = .null },
        Variation("nodeStatus.latency_ms: null", "latencyWhenDown null") { $0.latencyWhenDown = .null },
        Variation("data.dateBalance: null", "creditDateForm null") { $0.creditDateForm = .null },
        Variation("data.nodeId: number instead of IP address", "nodeIDForm number") { $0.nodeIDForm = .number },
        Variation("GET /stats/nodes/daily: data: new field ip", "nodeIDForm both") { $0.nodeIDForm = .identifierAndAddress },
        Variation("data.day: milliseconds instead of ddmmyyyy", "dayForm milliseconds") { $0.dayForm = .milliseconds },
        Variation("repos.buckets.bucket: missing everywhere", "repositoryBucketForm identifier") {
            $0.repositoryBucketForm = .identifier
        },
        Variation("GET /node: data.status: word active", "onlineNodeWord active") { $0.onlineNodeWord = .active },
    ]

    /// The lines about all responses of an account, from the responses themselves and from a recording of them.
    private func lines(_ change: (inout APIDialect) -> Void) async throws -> (live: [String], recorded: [String]) {
        let time = ManualTime(start: Date(timeIntervalSince1970: 1_705_314_600))
        let base = try APIBaseURL(parsing: "https://api.example.com")
        let (live, recorder) = (ContractCheck(baseURL: base), ExchangeRecorder(baseURL: base, time: time.source))
        for bulk in [BulkMode.never, .always] {
            let account = try CollectedAccount(
                buckets: 12, nodes: 3, simulator: { change(&$0.dialect) },
                collection: {
                    $0.collectors = Set(CollectorCatalogue.all.map { $0.name })
                    $0.bulk = bulk
                },
                transport: { simulation in
                    ObservedTransport(
                        ObservedTransport(simulation, observer: recorder, time: time.source), observer: live, time: time.source)
                })
            account.simulation.setStatus("DISCONNECTED", ofNode: account.simulation.nodes[0].ip)
            _ = await account.body()
            if bulk == .always { continue }
            // Errors and tokens, which a healthy account with a token does not receive.
            let transport = ObservedTransport(
                ObservedTransport(SimulationTransport(account.simulation), observer: recorder, time: time.source), observer: live,
                time: time.source)
            let configuration = account.simulation.configuration
            let series = "/v2/stats/storage?scope=org&window=7d&timeBucketSize=1d&bucketId=\(account.id(0))"
            for path in ["/bucket/none/status", "/user/quota", series, "/user/login"] {
                let isLogin = path == "/user/login"
                if path == "/user/quota" { account.simulation.setSubscription(false) }
                let body = #"{"email":"\#(configuration.email)","password":"\#(configuration.password)"}"#
                _ = try await transport.execute(
                    TransferRequest(
                        method: isLogin ? .post : .get, url: "https://api.example.com" + path,
                        body: isLogin ? Array(body.utf8) : nil,
                        bearerToken: Secret(account.simulation.issueTokens().accessToken)))
            }
        }
        let recorded = ContractCheck()
        recorded.examine(recorder.recording(exporterVersion: "1"))
        return (live.lines, recorded.lines)
    }

    @Test func documentedFormHasNoDifference() async throws {
        let lines = try await lines { _ in }
        #expect(lines.live.count == 1 && lines.live.first?.hasSuffix(", no differences") == true, "\(lines.live)")
        #expect(lines.recorded == lines.live)
    }

    @Test(arguments: variations + furtherValues) func variationIsNamed(variation: Variation) async throws {
        let lines = try await lines(variation.change)
        #expect(lines.live.contains { $0.contains(variation.expected) }, "\(lines.live)")
        #expect(lines.recorded.contains { $0.contains(variation.expected) }, "\(lines.recorded)")
        for line in lines.live { #expect(!line.contains("\n")) }
    }

    @Test func noVariationIsForgotten() {
        let properties = Mirror(reflecting: APIDialect()).children.compactMap(\.label)
        #expect(properties.count > 30)
        #expect(Set(properties) == Set(Self.variations.map(\.description)))
    }
}
