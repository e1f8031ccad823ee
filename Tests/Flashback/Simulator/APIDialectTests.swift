import Basics
import FlashbackSimulator
import Foundation
import Testing

@Suite struct APIDialectTests {
    private let simulation = FlashbackSimulation.make()

    private func spell(_ change: (inout APIDialect) -> Void) {
        change(&simulation.configuration.dialect)
    }

    private func statusRow() async throws -> [String: Any] {
        try await simulation.get("/bucket/\(simulation.wellBucket)/status").rows("nodeStatus")[0]
    }

    private func dailyRow() async throws -> [String: Any] {
        try await simulation.post("/bucket/\(simulation.wellBucket)/stats", #"{"day":"2024-06-11"}"#).rows("nodeStats")[0]
    }

    @Test func latencyFollowsTheDialect() async throws {
        spell { $0.latencyName = .camelCase }
        #expect(keys(try await statusRow()) == ["ip", "region", "version", "status", "latencyMs", "lastUpdated"])
        #expect(try await simulation.post("/bucket/\(simulation.wellBucket)/validate").object()["latencyMs"] is Int)
    }

    @Test func bucketIDFollowsTheDialect() async throws {
        spell { $0.bucketIDName = .unitID }
        let status = await simulation.get("/bucket/\(simulation.wellBucket)/status")
        #expect(keys(try status.object()) == ["unitId", "nodeStatus"])
        #expect(try await simulation.get("/bucket/stats").rows("stats")[0]["unitId"] as? String == simulation.buckets[0].id)
    }

    @Test func totalsFollowTheDialect() async throws {
        spell { $0.totalsKind = .number }
        let reply = await simulation.get("/bucket/stats?bucketId=\(simulation.buckets[0].id)")
        let bytes = try #require(simulation.totals(ofBucket: simulation.buckets[0].id)).uploadBytes
        #expect(reply.text.contains("\"totalUploadBytes\":\(bytes),"))
        spell { $0.totalsNames = .snakeCase }
        #expect(
            keys(try await simulation.get("/bucket/stats").rows("stats")[0])
                == ["bucketId", "requests", "upl_bytes", "dwl_bytes", "size_change"])
        spell { $0.totalsNames = .camelCase }
        #expect(
            keys(try await simulation.get("/bucket/stats").rows("stats")[0])
                == ["bucketId", "requests", "uplBytes", "dwlBytes", "sizeChange"])
    }

    @Test func azureFieldsFollowTheDialect() async throws {
        spell { $0.azureWord = .azure }
        let types = Set(try await simulation.get("/bucket").rows("buckets").compactMap { $0["storageType"] as? String })
        #expect(types == ["S3", "GCS", "AZURE"])
    }

    @Test func listsFollowTheDialect() async throws {
        spell {
            $0.list = .array
            $0.available = .envelope
        }
        #expect(try await simulation.get("/bucket").rows().count == 20)
        #expect(keys(try await simulation.get("/bucket/available").object()) == ["success", "buckets"])
    }

    @Test func optionalFieldsFollowTheDialect() async throws {
        spell { $0.optionalFields = .missing }
        let row = try await simulation.get("/bucket").rows("buckets")[0]
        #expect(keys(row) == ["name", "id", "storageType", "bucket", "createdAt"])
        #expect(keys(try await statusRow()) == ["ip", "region", "version", "status", "lastUpdated"])
        #expect(
            keys(try await simulation.get("/bucket/available").rows()[0]) == ["id", "name", "storageType", "bucket", "createdAt"])
        spell { $0.optionalFields = .null }
        let nulls = try await simulation.get("/bucket").rows("buckets")[0]
        for name in ["key", "secret", "endpoint", "region", "status", "lastStatusAt", "workspaceId"] {
            #expect(nulls[name] is NSNull, "\(name)")
        }
        #expect(try await statusRow()["latency_ms"] is NSNull)
    }

    @Test func latencyOfOfflineNodesFollowsTheDialect() async throws {
        let ip = simulation.nodes[0].ip
        simulation.setStatus("OFFLINE", ofNode: ip)
        #expect(try await statusRow()["latency_ms"] is Int)
        spell { $0.latencyWhenDown = .missing }
        #expect(try await statusRow()["latency_ms"] == nil)
        spell { $0.latencyWhenDown = .null }
        #expect(try await statusRow()["latency_ms"] is NSNull)
        simulation.setStatus("ONLINE", ofNode: ip)
        #expect(try await statusRow()["latency_ms"] is Int)
    }

    @Test(arguments: APIDialect.LastUpdatedName.allCases)
    func lastUpdatedFollowsTheDialect(name: APIDialect.LastUpdatedName) async throws {
        spell { $0.lastUpdatedName = name }
        #expect(try await statusRow()[name == .snakeCase ? "last_updated" : "lastUpdated"] is String)
        #expect(try await dailyRow()[name == .camelCase ? "lastUpdated" : "last_updated"] is String)
    }

    @Test(arguments: APIDialect.NodeStatusName.allCases)
    func nodeStatusFollowsTheDialect(name: APIDialect.NodeStatusName) async throws {
        spell { $0.nodeStatusName = name }
        let isDocumented = name == .documented
        #expect(try await statusRow()[isDocumented ? "status" : name.rawValue] is String)
        #expect(try await dailyRow()[isDocumented ? "node_status" : name.rawValue] is String)
    }

    @Test(arguments: APIDialect.HostName.allCases, APIDialect.UptimeName.allCases)
    func hostAndUptimeFollowTheDialect(host: APIDialect.HostName, uptime: APIDialect.UptimeName) async throws {
        spell {
            $0.hostName = host
            $0.uptimeName = uptime
        }
        let row = try await dailyRow()
        #expect((row[host.rawValue] as? String)?.hasSuffix(".flashback.tech") == true)
        #expect(row[uptime.rawValue] is Double)
        #expect(row.count == 8)
    }

    @Test func statusWordsFollowTheDialect() async throws {
        spell {
            $0.disconnectedWord = .error
            $0.onlineBucketWord = .active
        }
        let rows = try await simulation.get("/bucket").rows("buckets")
        let words = Set(rows.compactMap { $0["status"] as? String })
        #expect(words == ["ACTIVE", "ERROR"])
        let ill = simulation.buckets[1].id
        let status = try await simulation.get("/bucket/\(ill)/status").rows("nodeStatus").compactMap { $0["status"] as? String }
        #expect(status.contains("ERROR") && !status.contains("DISCONNECTED"))
    }

    @Test(arguments: APIDialect.AccessTokenName.allCases, APIDialect.RefreshTokenName.allCases)
    func tokensFollowTheDialect(access: APIDialect.AccessTokenName, refresh: APIDialect.RefreshTokenName) async throws {
        spell {
            $0.accessTokenName = access
            $0.refreshTokenName = refresh
            $0.expiryUnit = .milliseconds
        }
        let body = #"{"email":"operator@example.com","password":"simulated-password"}"#
        let answer = try await simulation.post("/user/login", body, token: nil).object()
        #expect(answer[access.rawValue] is String && answer[refresh.rawValue] is String)
        #expect(try #require(answer["expiresAt"] as? Int) > 1_000_000_000_000)
        let refreshed = await simulation.post(
            "/user/refresh", #"{"refreshToken":"\#(answer[refresh.rawValue] as? String ?? "")"}"#, token: nil)
        #expect(keys(try refreshed.object()) == ["success", access.rawValue, refresh.rawValue, "expiresAt"])
    }

    @Test func wholeSecondsFollowTheDialect() async throws {
        spell { $0.timeForm = .seconds }
        let row = try await simulation.get("/bucket").rows("buckets")[0]
        #expect((row["createdAt"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    }

    @Test(arguments: [
        (ErrorEnvelope.message, ["success", "message"]), (.code, ["success", "error_code"]),
        (.codeAndMessage, ["success", "error_code", "message"]), (.messageAndError, ["success", "message", "error"]),
        (.snakeCase, ["success", "error_code", "error_message"]),
        (.camelCase, ["success", "message", "errorCode", "errorMessage"]),
    ])
    func errorsFollowTheDialect(envelope: ErrorEnvelope, names: [String]) async throws {
        spell { $0.errorEnvelope = envelope }
        for reply in [await simulation.get("/bucket", token: nil), await simulation.get("/nowhere")] {
            #expect(keys(try reply.object()) == Set(names))
            #expect(try reply.object()["success"] as? Bool == false)
        }
    }

    @Test func idleBucketsFollowTheDialect() async throws {
        spell { $0.omitsIdleBuckets = true }
        let reply = await simulation.get("/bucket/stats")
        #expect(try reply.rows("stats").count == 19)
        #expect(!reply.text.contains(simulation.buckets[1].id))
    }

    @Test func clientFieldsFollowTheDialect() async throws {
        spell { $0.clientFields = true }
        let row = try await simulation.get("/bucket").rows("buckets")[0]
        #expect(keys(row).isSuperset(of: ["projectId", "walletAddress", "apiKeyId", "repos"]))
        #expect(row.count == 16)
    }
}
