import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

@Suite struct BucketLifecycleTests {
    static func body(name: String, storageType: String = "S3") -> String {
        """
        {"name":"\(name)","bucket":"b","storageType":"\(storageType)","key":"k","secret":"s","region":"us-east-1",
        "workspaceId":"workspace-2"}
        """
    }

    @Test func bucketIsCreatedRenamedAndDeleted() async throws {
        let time = TestTime()
        let simulation = FlashbackSimulation.make(time: time)
        let created = try await simulation.post("/bucket", Self.body(name: "fresh", storageType: "AZURE")).object()
        let id = try #require(created["bucketId"] as? String)
        #expect(simulation.totals(ofBucket: id) == SimulatedTotals())
        time.advance(by: 3600)
        #expect(try #require(simulation.totals(ofBucket: id)).uploadBytes > 0)
        let row = try #require(try await simulation.get("/bucket").rows("buckets").last)
        #expect(row["name"] as? String == "fresh")
        #expect(row["storageType"] as? String == "BLOB")
        #expect(row["workspaceId"] as? String == "workspace-2")
        #expect(row["createdAt"] as? String == "2024-06-12T09:30:00.000Z")
        #expect(row["endpoint"] == nil)

        let update = await simulation.send(.put, "/bucket/\(id)", body: #"{"name":"renamed","endpoint":"https://e.example"}"#)
        #expect(update.status == 200)
        let renamed = try #require(try await simulation.get("/bucket").rows("buckets").last)
        #expect(renamed["name"] as? String == "renamed")
        #expect(renamed["endpoint"] as? String == "https://e.example")
        #expect(renamed["region"] as? String == "us-east-1")

        #expect(await simulation.send(.delete, "/bucket/\(id)").status == 200)
        for reply in [
            await simulation.get("/bucket"), await simulation.get("/bucket/stats"), await simulation.get("/bucket/available"),
            await simulation.get("/bucket/stats?bucketId=\(id)"),
        ] {
            #expect(reply.status == 200)
            #expect(!reply.text.contains(id))
        }
        #expect(await simulation.get("/bucket/\(id)/status").status == 404)
        #expect(await simulation.post("/bucket/\(id)/stats", #"{"day":"2024-06-11"}"#).status == 404)
        #expect(await simulation.post("/bucket/\(id)/validate").status == 404)
        #expect(await simulation.send(.put, "/bucket/\(id)", body: "{}").status == 404)
        let again = await simulation.send(.delete, "/bucket/\(id)")
        #expect(again.status == 404)
        #expect(keys(try again.object()) == ["success", "message"])
    }

    @Test(arguments: ["name", "bucket", "storageType", "key", "secret", "region", "workspaceId"])
    func missingFieldIsRefused(field: String) async throws {
        let simulation = FlashbackSimulation.make()
        let body = Self.body(name: "fresh").replacing("\"\(field)\"", with: "\"other\"")
        let reply = await simulation.post("/bucket", body)
        #expect(reply.status == 400)
        #expect(try reply.object()["message"] as? String == "\(field) is required")
        #expect(simulation.buckets.count == 20)
    }

    @Test func invalidBodiesAreRefused() async {
        let simulation = FlashbackSimulation.make()
        #expect(await simulation.post("/bucket", "").status == 400)
        #expect(await simulation.post("/bucket", "[1]").status == 400)
        #expect(await simulation.post("/bucket", Self.body(name: "x").replacing("\"x\"", with: "7")).status == 400)
        #expect(await simulation.post("/bucket", Self.body(name: "x", storageType: "TAPE")).status == 400)
        let id = simulation.wellBucket
        #expect(await simulation.send(.put, "/bucket/\(id)", body: "nonsense").status == 400)
        #expect(await simulation.send(.put, "/bucket/\(id)", body: #"{"name":""}"#).status == 400)
        #expect(await simulation.send(.put, "/bucket/\(id)", body: #"{"storageType":"TAPE"}"#).status == 400)
    }

    @Test func nameIsUniqueAmongLiveBuckets() async throws {
        let simulation = FlashbackSimulation.make()
        let taken = simulation.buckets[4]
        #expect(await simulation.post("/bucket", Self.body(name: taken.name)).status == 400)
        let rename = #"{"name":"\#(taken.name)"}"#
        #expect(await simulation.send(.put, "/bucket/\(simulation.wellBucket)", body: rename).status == 400)
        #expect(await simulation.send(.put, "/bucket/\(taken.id)", body: rename).status == 200)
        simulation.deleteBucket(taken.id)
        #expect(await simulation.post("/bucket", Self.body(name: taken.name)).status == 200)
    }

    @Test func quotaIsAnsweredAsDocumented() async throws {
        let simulation = FlashbackSimulation.make {
            $0.buckets = 9
            $0.bucketQuota = 10
        }
        #expect(await simulation.post("/bucket", Self.body(name: "tenth")).status == 200)
        let reply = await simulation.post("/bucket", Self.body(name: "eleventh"))
        #expect(reply.status == 429)
        #expect(keys(try reply.object()) == ["success", "bucketId"])
        #expect(try reply.object()["success"] as? Bool == false)
        simulation.deleteBucket(simulation.wellBucket)
        #expect(await simulation.post("/bucket", Self.body(name: "eleventh")).status == 200)
    }
}
