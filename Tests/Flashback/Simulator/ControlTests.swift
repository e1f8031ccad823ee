import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

@Suite struct ControlTests {
    private let time = TestTime()
    private let simulation: FlashbackSimulation

    init() {
        simulation = .make(time: time)
    }

    @Test func bucketsAreCreatedRenamedMovedAndDeleted() async throws {
        let id = simulation.createBucket(name: "", storageType: "GCS", workspaceID: "workspace-3")
        let names = ["a\nb\u{0}\\\"", "\u{1F4A9}", simulation.buckets[0].name, String(repeating: "long", count: 5000)]
        for name in names {
            #expect(simulation.renameBucket(id, to: name))
            let row = try #require(try await simulation.get("/bucket").rows("buckets").last)
            #expect(row["name"] as? String == name)
        }
        #expect(simulation.moveBucket(id, toWorkspace: "workspace-1"))
        #expect(simulation.buckets.last?.workspaceID == "workspace-1")
        #expect(simulation.deleteBucket(id))
        #expect(!simulation.deleteBucket(id) && !simulation.renameBucket(id, to: "x") && simulation.totals(ofBucket: id) == nil)
        #expect(await simulation.get("/bucket/\(id)/status").status == 404)
    }

    @Test func anyStatusWordCanBeSet() async throws {
        let id = simulation.buckets[0].id
        simulation.setStatus("degraded", ofBucket: id)
        simulation.setStatus("WEIRD", ofNode: simulation.nodes[0].ip, bucket: id)
        #expect(try await simulation.get("/bucket").rows("buckets")[0]["status"] as? String == "degraded")
        #expect(try await simulation.get("/bucket/\(id)/status").rows("nodeStatus")[0]["status"] as? String == "WEIRD")
        simulation.setStatus(nil, ofBucket: id)
        simulation.setStatus(nil, ofNode: simulation.nodes[0].ip, bucket: id)
        #expect(try await simulation.get("/bucket").rows("buckets")[0]["status"] as? String == "ONLINE")
        #expect(await !simulation.get("/bucket/\(id)/status").text.contains("WEIRD"))
    }

    @Test func setStatusCountsFromTheRequest() async throws {
        let path = "/bucket/\(simulation.wellBucket)/stats"
        let before = try #require(
            try await simulation.post(path, #"{"day":"2024-06-12"}"#).rows("nodeStats")[0]["perc_uptime"] as? Double)
        simulation.setStatus("OFFLINE", ofNode: simulation.nodes[0].ip)
        // 9.5 hours of the day had passed before the override.
        time.advance(by: 9.5 * 3600)
        let row = try await simulation.post(path, #"{"day":"2024-06-12"}"#).rows("nodeStats")[0]
        #expect(abs(try #require(row["perc_uptime"] as? Double) - before / 2) < 0.02)
        #expect(row["node_status"] as? String == "OFFLINE")
        #expect((row["last_updated"] as? String)?.hasPrefix("2024-06-12T09:") == true)
    }

    @Test func rowsCanBeDuplicated() async throws {
        let id = simulation.buckets[0].id
        simulation.setExtraRows(2, ofBucket: id)
        #expect(try await simulation.get("/bucket").rows("buckets").filter { $0["id"] as? String == id }.count == 3)
        #expect(try await simulation.get("/bucket/stats").rows("stats").filter { $0["bucketId"] as? String == id }.count == 3)
        simulation.setExtraRows(1, ofNode: simulation.nodes[0].ip, bucket: id)
        #expect(try await simulation.get("/bucket/\(id)/status").rows("nodeStatus").count == 4)
        #expect(try await simulation.post("/bucket/\(id)/stats", #"{"day":"2024-06-12"}"#).rows("nodeStats").count == 4)
    }

    @Test func totalsAndAvailabilityCanBeSet() async throws {
        let id = simulation.buckets[1].id
        let totals = SimulatedTotals(count: 1, uploadBytes: .max, downloadBytes: 3, sizeChange: .min)
        simulation.setTotals(totals, ofBucket: id)
        let row = try await simulation.get("/bucket/stats?bucketId=\(id)").rows("stats")[0]
        #expect(row["totalUploadBytes"] as? String == "9223372036854775807")
        #expect(row["totalSizeChange"] as? String == "-9223372036854775808")
        simulation.setTotals(nil, ofBucket: id)
        #expect(simulation.totals(ofBucket: id) == SimulatedTotals())
        simulation.setAvailable([id])
        #expect(try await simulation.get("/bucket/available").rows().map { $0["id"] as? String } == [id])
        simulation.setAvailable([])
        #expect(await simulation.get("/bucket/available").text == "[]")
    }

    @Test func bucketCanHaveItsOwnNodes() async throws {
        let id = simulation.buckets[0].id
        simulation.setNodes([SimulatedNode(number: 7, ip: "::1", region: "r", version: "v", host: "*-h")], ofBucket: id)
        let rows = try await simulation.get("/bucket/\(id)/status").rows("nodeStatus")
        #expect(rows.map { $0["ip"] as? String } == ["::1"])
        simulation.setNodes([], ofBucket: id)
        #expect(try await simulation.get("/bucket").rows("buckets")[0]["status"] as? String == "OFFLINE")
        simulation.setNodes(nil, ofBucket: id)
        #expect(try await simulation.get("/bucket/\(id)/status").rows("nodeStatus").count == 3)
    }

    @Test func requestsAreRecorded() async throws {
        let id = simulation.wellBucket
        _ = await simulation.get("/bucket?workspaceId=workspace-1")
        time.advance(by: 5)
        _ = await simulation.get("/bucket/\(id)/status", token: nil)
        _ = await simulation.get("/nowhere")
        let requests = simulation.requests.all
        #expect(requests.map(\.endpoint) == [.listBuckets, .bucketStatus, nil])
        #expect(requests.map(\.status) == [200, 401, 404])
        #expect(requests.map(\.carriesToken) == [true, false, true])
        #expect(requests.map(\.bucketID) == [nil, id, nil])
        #expect(requests[0].target == "/bucket?workspaceId=workspace-1")
        #expect(requests[1].receivedAt.timeIntervalSince(requests[0].receivedAt) == 5)
        #expect(simulation.requests.count(.bucketStatus) == 1 && simulation.requests.count(.bucketStatus, status: 200) == 0)
        #expect(simulation.requests.count(status: 404) == 1 && simulation.requests.maximumInFlight == 1)
        simulation.requests.reset()
        #expect(simulation.requests.all.isEmpty && simulation.requests.count() == 0 && simulation.requests.received == 0)
    }

    @Test func onlyTheLatestRequestsAreRecorded() async {
        let simulation = FlashbackSimulation.make { $0.requestLogCapacity = 3 }
        for number in 0..<5 { _ = await simulation.get("/\(number)") }
        #expect(simulation.requests.all.map(\.target) == ["/2", "/3", "/4"])
        #expect(simulation.requests.count(status: 404) == 5)
    }

    @Test func peakOfConcurrentRequestsIsCounted() async {
        simulation.setOutage(.hanging)
        await withTaskGroup { group in
            for _ in 0..<7 { group.addTask { _ = await simulation.get("/bucket") } }
            await simulation.requests.wait(untilReceived: 7)
            group.cancelAll()
        }
        #expect(simulation.requests.maximumInFlight == 7)
        #expect(simulation.requests.inFlight == 0)
    }
}
