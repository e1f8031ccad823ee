import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

/// GET /node, and the traffic breakdowns.
@Suite struct NodeRouteTests {
    private let simulation = FlashbackSimulation.make()

    private func nodes() async throws -> [[String: Any]] { try await simulation.get("/node?nodeServices=1").rows("data") }

    @Test func nodesHaveTheDocumentedMembers() async throws {
        let reply = await simulation.get("/node?nodeServices=1")
        #expect(keys(try reply.object()) == ["success", "data", "total"])
        #expect(try reply.object()["total"] as? Int == 3)
        for row in try reply.rows("data") {
            #expect(keys(row) == ["ip", "region", "version", "status", "latencyMs", "lastUpdated", "url", "nodeServices"])
            #expect((row["url"] as? String)?.hasPrefix("https://s3-") == true)
        }
        #expect(try await simulation.get("/node").rows("data").count == 3)
        #expect(try await simulation.get("/node?nodeServices=2").rows("data").isEmpty)
        #expect(await simulation.get("/node?nodeServices=x").status == 400)
    }

    @Test func nodeGoesDownForAllBuckets() async throws {
        let ip = simulation.nodes[0].ip
        simulation.setStatus("OFFLINE", ofNode: ip)
        #expect(try await nodes()[0]["status"] as? String == "OFFLINE")
        simulation.setStatus("WEIRD", ofNode: ip)
        #expect(try await nodes()[0]["status"] as? String == "WEIRD")
        simulation.setStatus(nil, ofNode: ip)
        // A node's status for one bucket does not affect the node's own state.
        simulation.setStatus("OFFLINE", ofNode: ip, bucket: simulation.buckets[0].id)
        #expect(try await nodes()[0]["status"] as? String == "ONLINE")
    }

    @Test func nodesHaveTheSameScheduleAsInTheBucketsStatus() async throws {
        let time = TestTime("2024-06-10T00:00:30Z")
        let simulation = FlashbackSimulation.make(time: time) { $0.buckets = 2 }
        var seen: Set<Bool> = []
        for _ in 0..<4 * 144 {
            time.advance(by: 600)
            let own = try await simulation.get("/node?nodeServices=1").rows("data").map { $0["status"] as? String == "OFFLINE" }
            let ofBucket = try await simulation.get("/bucket/\(simulation.wellBucket)/status").rows("nodeStatus")
                .map { $0["status"] as? String == "OFFLINE" }
            #expect(own == ofBucket)
            seen.formUnion(own)
        }
        #expect(seen == [true, false])
    }

    @Test func nodesAppearInEveryDialect() async throws {
        simulation.configuration.dialect.nodeList = .array
        simulation.configuration.dialect.nodeLatencyName = .snakeCase
        simulation.configuration.dialect.nodeAddressName = .host
        simulation.configuration.dialect.onlineNodeWord = .running
        simulation.configuration.dialect.nodeStatusName = .camelCase
        simulation.configuration.dialect.lastUpdatedName = .snakeCase
        let rows = try await simulation.get("/node?nodeServices=1").rows()
        #expect(keys(rows[0]) == ["ip", "region", "version", "nodeStatus", "latency_ms", "last_updated", "host", "nodeServices"])
        #expect(rows[0]["nodeStatus"] as? String == "running")
        simulation.configuration.dialect.optionalFields = .missing
        #expect(try await simulation.get("/node?nodeServices=1").rows()[0]["latency_ms"] == nil)
    }

    // MARK: Traffic

    private static let bucketTraffic = "/v2/stats/storage/breakdown/buckets?scope=org&window=24h"
    private static let nodeTraffic = "/v2/stats/storage/breakdown/nodes?scope=org&window=24h"

    @Test func trafficHasTheDocumentedMembers() async throws {
        for (path, kind, count) in [(Self.bucketTraffic, "bucket", 20), (Self.nodeTraffic, "node", 3)] {
            let answer = try await simulation.get(path).object()
            #expect(keys(answer) == ["success", "meta", "summary", "entities"])
            let meta = try #require(answer["meta"] as? [String: Any])
            #expect(
                keys(meta) == [
                    "start", "end", "scope", "window", "timeBucketSize", "breakdownBy", "includesSeries", "limit", "offset",
                    "totalEntities",
                ])
            #expect(meta["breakdownBy"] as? String == kind && meta["totalEntities"] as? Int == count)
            let rows = try #require(answer["entities"] as? [[String: Any]])
            #expect(rows.count == count)
            for row in rows {
                #expect(keys(row) == ["entityId", "entityName", "totals"])
                let totals = try #require(row["totals"] as? [String: Any])
                #expect(keys(totals) == ["uplBytes", "dwlBytes", "sizeChange", "latencyMs", "requests"])
            }
        }
    }

    @Test func trafficIsTheDailyGrowthOfTotals() async throws {
        let time = TestTime()
        let simulation = FlashbackSimulation.make(time: time)
        let before = try #require(simulation.totals(ofBucket: simulation.wellBucket))
        time.advance(by: 86_400)
        let after = try #require(simulation.totals(ofBucket: simulation.wellBucket))
        let row = try #require(
            try await simulation.get(Self.bucketTraffic).rows("entities").first {
                $0["entityId"] as? String == simulation.wellBucket
            })
        let totals = try #require(row["totals"] as? [String: Any])
        #expect(totals["uplBytes"] as? Int == Int(after.uploadBytes - before.uploadBytes))
        #expect(totals["requests"] as? Int == Int(after.count - before.count))
    }

    @Test func pagesFollowLimitAndOffset() async throws {
        let all = try await simulation.get(Self.bucketTraffic).rows("entities").compactMap { $0["entityId"] as? String }
        func page(_ query: String) async throws -> [String] {
            try await simulation.get(Self.bucketTraffic + query).rows("entities").compactMap { $0["entityId"] as? String }
        }
        #expect(try await page("&limit=5") == Array(all[..<5]))
        #expect(try await page("&limit=5&offset=18") == Array(all[18...]))
        #expect(try await page("&offset=20").isEmpty)
        simulation.configuration.dialect.maximumTrafficPageRows = 3
        #expect(try await page("&limit=5") == Array(all[..<3]))
        for query in ["&limit=0", "&limit=x", "&offset=-1"] {
            #expect(await simulation.get(Self.bucketTraffic + query).status == 400)
        }
        for path in ["?window=24h", "?scope=org", "?scope=org&window=1h"] {
            #expect(await simulation.get("/v2/stats/storage/breakdown/nodes" + path).status == 400)
        }
    }

    @Test func trafficAppearsInEveryDialect() async throws {
        simulation.configuration.dialect.trafficNames = .total
        simulation.configuration.dialect.trafficKind = .string
        simulation.configuration.dialect.nodeLatencyName = .snakeCase
        simulation.configuration.dialect.omitsTotalEntities = true
        let answer = try await simulation.get(Self.nodeTraffic).object()
        let totals = try #require((answer["entities"] as? [[String: Any]])?.first?["totals"] as? [String: Any])
        #expect(keys(totals) == ["totalUploadBytes", "totalDownloadBytes", "totalSizeChange", "totalCount", "latency_ms"])
        #expect(totals["totalUploadBytes"] is String)
        #expect((answer["meta"] as? [String: Any])?["totalEntities"] == nil)
    }
}
