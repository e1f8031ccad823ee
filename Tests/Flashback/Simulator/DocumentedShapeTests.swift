import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

/// The members of each documented example, and their kinds.
@Suite struct DocumentedShapeTests {
    @Test func bucketListHasTheDocumentedShape() async throws {
        let reply = await FlashbackSimulation.make().get("/bucket")
        #expect(reply.status == 200)
        #expect(reply[header: .contentType] == "application/json; charset=utf-8")
        #expect(keys(try reply.object()) == ["success", "buckets"])
        #expect(try reply.object()["success"] as? Bool == true)
        let rows = try reply.rows("buckets")
        #expect(rows.count == 20)
        for row in rows {
            #expect(
                keys(row) == [
                    "name", "id", "storageType", "bucket", "key", "secret", "endpoint", "region", "status", "lastStatusAt",
                    "createdAt", "workspaceId",
                ])
            for (name, value) in row where name != "secret" { #expect(value is String, "\(name)") }
            #expect(keys(try #require(row["secret"] as? [String: Any])) == ["key", "iv", "authTag", "message"])
            #expect(["S3", "GCS", "BLOB"].contains(row["storageType"] as? String))
            #expect(UUID(uuidString: row["id"] as? String ?? "") != nil)
            for name in ["lastStatusAt", "createdAt"] {
                let time = try #require(row[name] as? String)
                #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(time)")
            }
        }
        #expect(Set(rows.compactMap { $0["name"] as? String }).count == 20)
        #expect(Set(rows.compactMap { $0["workspaceId"] as? String }).count == 3)
        #expect(Set(rows.compactMap { $0["storageType"] as? String }).count == 3)
        #expect(
            rows.contains { ($0["name"] as? String)?.contains("\"") == true && ($0["name"] as? String)?.contains(" ") == true })
    }

    @Test func availableBucketsHaveTheDocumentedShape() async throws {
        let reply = await FlashbackSimulation.make().get("/bucket/available?")
        let rows = try reply.rows()
        #expect(!rows.isEmpty && rows.count < 20)
        for row in rows {
            #expect(keys(row) == ["id", "name", "storageType", "bucket", "key", "status", "workspaceId", "createdAt"])
        }
    }

    @Test func totalsHaveTheDocumentedShape() async throws {
        let rows = try await FlashbackSimulation.make().get("/bucket/stats").rows("stats")
        #expect(rows.count == 20)
        for row in rows {
            #expect(keys(row) == ["bucketId", "totalCount", "totalUploadBytes", "totalDownloadBytes", "totalSizeChange"])
            for (name, value) in row where name != "bucketId" {
                let text = try #require(value as? String)
                #expect(Int64(text) != nil, "\(name) \(text)")
            }
        }
        let vast = try #require(Int64(rows[0]["totalUploadBytes"] as? String ?? ""))
        #expect(vast > 1 << 53)
        #expect(rows.contains { ($0["totalSizeChange"] as? String)?.hasPrefix("-") == true })
    }

    @Test func statusHasTheDocumentedShape() async throws {
        let simulation = FlashbackSimulation.make()
        let reply = await simulation.get("/bucket/\(simulation.wellBucket)/status")
        #expect(keys(try reply.object()) == ["bucketId", "nodeStatus"])
        let rows = try reply.rows("nodeStatus")
        #expect(rows.count == 3)
        for row in rows {
            #expect(keys(row) == ["ip", "region", "version", "status", "latency_ms", "lastUpdated"])
            #expect(["ONLINE", "OFFLINE", "DISCONNECTED"].contains(row["status"] as? String))
            #expect(row["latency_ms"] is Int)
        }
    }

    @Test func dailyStatisticsHaveTheDocumentedShape() async throws {
        let simulation = FlashbackSimulation.make()
        let reply = await simulation.post("/bucket/\(simulation.wellBucket)/stats", #"{"day":"2024-06-11T00:00:00.000Z"}"#)
        #expect(keys(try reply.object()) == ["success", "nodeStats"])
        let rows = try reply.rows("nodeStats")
        #expect(rows.count == 3)
        for row in rows {
            #expect(
                keys(row) == [
                    "ip", "host", "perc_uptime", "avg_latency_ms", "version", "node_status", "last_updated", "last_latency_ms",
                ])
            let host = try #require(row["host"] as? String)
            #expect(host.hasPrefix("*-") && host.hasSuffix(".flashback.tech"))
            let uptime = try #require(row["perc_uptime"] as? Double)
            #expect((0...100).contains(uptime))
            #expect(
                (row["last_updated"] as? String)?.hasPrefix("2024-06-11T23:") == true || row["node_status"] as? String != "ONLINE"
            )
        }
    }

    @Test func creationAndValidationHaveTheDocumentedShape() async throws {
        let simulation = FlashbackSimulation.make()
        let created = await simulation.post("/bucket", BucketLifecycleTests.body(name: "My Backup Bucket"))
        #expect(created.status == 200)
        #expect(keys(try created.object()) == ["success", "bucketId"])
        let id = try #require(try created.object()["bucketId"] as? String)
        let validated = await simulation.post("/bucket/\(id)/validate")
        #expect(validated.status == 200)
        #expect(keys(try validated.object()) == ["success", "message", "status", "latency_ms"])
        #expect(try validated.object()["status"] as? String == "ONLINE")
    }
}
