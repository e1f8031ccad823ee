import FlashbackSimulator
import Foundation
import Testing

@Suite struct StorageStatisticsTests {
    private let simulation = FlashbackSimulation.make()

    private func get(_ query: String) async -> Reply { await simulation.get("/v2/stats/storage?\(query)") }

    @Test func answerHasTheDocumentedMembers() async throws {
        let bucket = simulation.wellBucket
        let reply = await get("scope=org&window=7d&timeBucketSize=1d&bucketId=\(bucket)")
        #expect(reply.status == 200)
        let answer = try reply.object()
        #expect(keys(answer) == ["success", "meta", "summary", "series"])
        let meta = try #require(answer["meta"] as? [String: Any])
        #expect(keys(meta) == ["start", "end", "scope", "window", "timeBucketSize", "resourceFilter"])
        #expect(meta["timeBucketSize"] as? String == "1d")
        let summary = try #require(answer["summary"] as? [String: Any])
        #expect(keys(summary) == ["total", "avg", "stdDev", "min", "max", "p10", "p50", "p90"])
        let rows = try reply.rows("series")
        // A window of a week that begins during a day covers parts of eight days.
        #expect(rows.count == 8)
        for row in rows { #expect(keys(row) == ["ts", "uplBytes", "dwlBytes", "sizeChange", "latencyMs", "requests"]) }
        #expect(rows.allSatisfy { ($0["ts"] as? Int).map { $0.isMultiple(of: 86_400) && $0 < 100_000_000_000 } == true })
        #expect(await get("scope=org&window=7d&timeBucketSize=1d&bucketId=\(bucket)").bytes == reply.bytes)
    }

    @Test func daysOfAllBucketsAddUp() async throws {
        func requests(_ query: String) async throws -> Int {
            try await get("scope=org&window=30d&timeBucketSize=1d\(query)").rows("series")[7]["requests"] as? Int ?? -1
        }
        var sum = 0
        for bucket in simulation.buckets { sum += try await requests("&bucketId=\(bucket.id)") }
        #expect(try await requests("") == sum && sum > 0)
    }

    @Test(arguments: [("24h", 145), ("7d", 169), ("30d", 121), ("90d", 91), ("180d", 181), ("365d", 366)])
    func windowsHaveDocumentedBucketSizes(_ window: String, _ count: Int) async throws {
        let rows = try await get("scope=org&window=\(window)&bucketId=\(simulation.wellBucket)").rows("series")
        // One more than the quotient, unless the window begins on a boundary.
        #expect([count, count - 1].contains(rows.count), "\(rows.count)")
    }

    @Test func timesMayBeMilliseconds() async throws {
        simulation.configuration.dialect.seriesTimeUnit = .milliseconds
        let rows = try await get("scope=org&window=7d&bucketId=\(simulation.wellBucket)").rows("series")
        #expect(rows.allSatisfy { ($0["ts"] as? Int ?? 0) > 1_000_000_000_000 })
    }

    @Test func scopesAreCheckedAndRespected() async throws {
        let bucket = simulation.buckets[0]
        let scope = "scope=workspace&window=7d&bucketId=\(bucket.id)"
        #expect(await get("\(scope)&id=workspace-1").status == 200)
        #expect(await get("\(scope)&id=workspace-2").status == 403)
        #expect(await get("window=7d").status == 400)
        #expect(await get("scope=workspace&window=7d").status == 400)
        #expect(await get("scope=org").status == 400)
        #expect(await get("scope=org&window=8d").status == 400)
        #expect(await get("scope=org&window=7d&timeBucketSize=2d").status == 400)
        #expect(await get("scope=repo&id=r&window=7d").status == 404)
        #expect(await get("scope=org&window=7d&bucketId=none").status == 404)
        simulation.setForbidden(true, bucket: bucket.id)
        #expect(await get("scope=org&window=7d&bucketId=\(bucket.id)").status == 403)
        #expect(await simulation.get("/v2/stats/storage?scope=org&window=7d", token: nil).status == 401)
    }
}
