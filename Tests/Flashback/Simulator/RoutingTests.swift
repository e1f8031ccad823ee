import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

@Suite struct RoutingTests {
    @Test(arguments: ["/", "/buckets", "/bucket/", "/bucket/x/y", "/bucket/x/stats/z", "/user", "/bucket//status", "/unit/stats"])
    func unknownPathIs404(path: String) async throws {
        let reply = await FlashbackSimulation.make().get(path)
        #expect(reply.status == 404)
        #expect(keys(try reply.object()) == ["success", "message"])
    }

    @Test func wrongMethodIs405() async {
        let simulation = FlashbackSimulation.make()
        let cases: [(HTTPRequest.Method, String, String)] = [
            (.delete, "/bucket", "GET, POST"), (.post, "/bucket/available", "GET"), (.put, "/bucket/stats", "GET"),
            (.get, "/bucket/x", "DELETE, PUT"), (.post, "/bucket/x/status", "GET"), (.get, "/bucket/x/stats", "POST"),
            (.post, "/repo", "GET"), (.post, "/repo/stats", "GET"), (.delete, "/node", "GET"),
            (.post, "/v2/stats/storage/breakdown/nodes", "GET"),
            (.get, "/bucket/x/validate", "POST"), (.get, "/user/login", "POST"), (.put, "/user/refresh", "POST"),
        ]
        for (method, path, allowed) in cases {
            let reply = await simulation.send(method, path)
            #expect(reply.status == 405)
            #expect(reply[header: .allow] == allowed)
        }
    }

    @Test func unknownBucketIs404() async {
        let simulation = FlashbackSimulation.make()
        #expect(await simulation.get("/bucket/nope/status").status == 404)
        #expect(await simulation.post("/bucket/nope/stats", #"{"day":"2024-06-11"}"#).status == 404)
        #expect(await simulation.post("/bucket/nope/validate").status == 404)
    }

    @Test func forbiddenBucketIs403() async throws {
        let simulation = FlashbackSimulation.make()
        let id = simulation.wellBucket
        #expect(simulation.setForbidden(true, bucket: id))
        let reply = await simulation.get("/bucket/\(id)/status")
        #expect(reply.status == 403)
        #expect(keys(try reply.object()) == ["success", "message"])
        #expect(await simulation.post("/bucket/\(id)/stats", #"{"day":"2024-06-11"}"#).status == 403)
        #expect(await simulation.post("/bucket/\(id)/validate").status == 403)
        #expect(try await simulation.get("/bucket/stats").rows("stats").count == 19)
        simulation.setForbidden(false, bucket: id)
        #expect(await simulation.get("/bucket/\(id)/status").status == 200)
    }

    @Test(arguments: ["/bucket", "/bucket/available"])
    func workspacesFilterTheLists(path: String) async throws {
        let simulation = FlashbackSimulation.make { $0.dialect.available = .envelope }
        let all = try await simulation.get(path).rows("buckets")
        let mine = try await simulation.get("\(path)?workspaceId=workspace-2").rows("buckets")
        #expect(!mine.isEmpty && mine.count < all.count)
        #expect(mine.allSatisfy { $0["workspaceId"] as? String == "workspace-2" })
        #expect(try await simulation.get("\(path)?workspaceId=workspace%2D2").rows("buckets").count == mine.count)
        #expect(
            try await simulation.get("\(path)?workspaceId=undefined&walletAddress=undefined").rows("buckets").count == all.count)
        #expect(try await simulation.get("\(path)?workspaceId=nobody").rows("buckets").isEmpty)
    }

    @Test func totalsAreFilteredByACommaSeparatedList() async throws {
        let simulation = FlashbackSimulation.make()
        let ids = simulation.buckets.prefix(3).map(\.id)
        for separator in [",", "%2C"] {
            let query = (ids + [ids[0], "unknown"]).joined(separator: separator)
            let rows = try await simulation.get("/bucket/stats?bucketId=\(query)").rows("stats")
            #expect(rows.compactMap { $0["bucketId"] as? String } == ids)
        }
        #expect(try await simulation.get("/bucket/stats?bucketId=undefined").rows("stats").count == 20)
        #expect(try await simulation.get("/bucket/stats?bucketId=").rows("stats").count == 20)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"day":null}"#, #"{"day":17}"#, #"{"day":""}"#, #"{"day":"yesterday"}"#, #"{"day":"2024-02-30"}"#,
        #"{"day":"2024-13-01T00:00:00Z"}"#, #"{"day":"2024-01-15T00:00:00"}"#, #"{"day":"2024-01-15T00:00:00Zx"}"#,
    ])
    func invalidDayIs400(body: String) async throws {
        let simulation = FlashbackSimulation.make()
        let reply = await simulation.post("/bucket/\(simulation.wellBucket)/stats", body)
        #expect(reply.status == 400)
        #expect(keys(try reply.object()) == ["success", "message"])
    }

    @Test(arguments: [
        "2024-06-11", "2024-06-11T00:00:00Z", "2024-06-11T23:59:59.999Z", "2024-06-11T00:00:00.000Z", "2024-06-12T01:30:00+02:00",
        "2024-06-10T23:30:00.5-01:00",
    ])
    func timestampSelectsItsUTCDay(day: String) async {
        let simulation = FlashbackSimulation.make()
        let path = "/bucket/\(simulation.wellBucket)/stats"
        let expected = await simulation.post(path, #"{"day":"2024-06-11T12:00:00.000Z"}"#)
        let reply = await simulation.post(path, #"{"day":"\#(day)"}"#)
        #expect(reply.status == 200)
        #expect(reply.text == expected.text)
        #expect(await simulation.post(path, #"{"day":"2024-06-10"}"#).text != expected.text)
    }

    @Test func dayWithoutObservationsIsEmpty() async throws {
        let simulation = FlashbackSimulation.make()
        let path = "/bucket/\(simulation.wellBucket)/stats"
        #expect(try await simulation.post(path, #"{"day":"2024-06-13"}"#).rows("nodeStats").isEmpty)
        #expect(try await simulation.post(path, #"{"day":"2019-01-01"}"#).rows("nodeStats").isEmpty)
    }

    @Test func negativeValidationIs400() async throws {
        let simulation = FlashbackSimulation.make()
        let ill = try #require(simulation.buckets.first { $0.isIll })
        #expect(ill.id == simulation.buckets[1].id)
        let reply = await simulation.post("/bucket/\(ill.id)/validate")
        #expect(reply.status == 400)
        #expect(keys(try reply.object()) == ["success", "message"])
        let id = simulation.wellBucket
        #expect(await simulation.post("/bucket/\(id)/validate", #"{"bucket":"b"}"#).status == 200)
        simulation.setValidationFailure("No such bucket", ofBucket: id)
        #expect(try await simulation.post("/bucket/\(id)/validate").object()["message"] as? String == "No such bucket")
    }
}
