import FlashbackSimulator
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@Suite struct FaultTests {
    private let clock = RecordingClock()
    private let simulation: FlashbackSimulation

    init() {
        simulation = .make(clock: clock)
    }

    @Test func hangingRequestEndsWithItsClient() async {
        simulation.faults.add(.hang, to: .listBuckets)
        let request = Task { await simulation.get("/bucket") }
        await simulation.requests.wait(untilReceived: 1)
        #expect(simulation.requests.inFlight == 1)
        #expect(await simulation.get("/bucket/stats").status == 200)
        request.cancel()
        _ = await request.value
        #expect(simulation.requests.inFlight == 0)
        #expect(simulation.requests.abandonedCount(.listBuckets) == 1)
        #expect(simulation.requests.all[0].status == nil)
    }

    @Test(arguments: [401, 403, 404, 429, 500], ErrorEnvelope.allCases)
    func statusHasAnEnvelope(status: Int, envelope: ErrorEnvelope) async throws {
        simulation.faults.add(.status(status, envelope: envelope, retryAfter: "7"), times: 1)
        let reply = await simulation.get("/bucket")
        #expect(reply.status == status)
        #expect(reply[header: .retryAfter] == "7")
        #expect(try reply.object()["success"] as? Bool == false)
        #expect(await simulation.get("/bucket").status == 200)
    }

    @Test func envelopeFollowsConfigurationUnlessSetByTheFault() async throws {
        simulation.configuration.dialect.errorEnvelope = .code
        simulation.faults.add(.status(500))
        let reply = await simulation.get("/bucket")
        #expect(keys(try reply.object()) == ["success", "error_code"])
        #expect(reply[header: .retryAfter] == nil)
    }

    @Test func proxyPageIsHTML() async {
        simulation.faults.add(.badGatewayPage)
        let reply = await simulation.get("/bucket")
        #expect(reply.status == 502)
        #expect(reply[header: .contentType] == "text/html")
        #expect(reply.text.hasPrefix("<html>"))
    }

    @Test func jsonIsTruncated() async {
        let whole = await simulation.get("/bucket")
        simulation.faults.add(.truncatedJSON)
        let reply = await simulation.get("/bucket")
        #expect(reply.status == 200)
        #expect(reply.bytes == Array(whole.bytes.prefix(whole.bytes.count / 2)))
        #expect(reply.response.ending == .complete)
        #expect(throws: (any Error).self) { try reply.json() }
    }

    @Test func fieldsHaveWrongTypes() async throws {
        let rule = simulation.faults.add(.wrongTypes())
        let reply = await simulation.get("/bucket")
        let row = try reply.rows("buckets")[0]
        #expect(try reply.object()["success"] is [Any])
        #expect(row["name"] is [Any] && row["status"] is [Any] && row["secret"] is [String: Any])
        simulation.faults.remove(rule)
        simulation.faults.add(.wrongTypes(fields: ["status", "secret", "nodeStatus"]))
        let mixed = try await simulation.get("/bucket").rows("buckets")[0]
        #expect(mixed["name"] is String && mixed["status"] is [Any] && mixed["secret"] is String)
        #expect(try await simulation.get("/bucket/\(simulation.wellBucket)/status").object()["nodeStatus"] is String)
    }

    @Test func bodiesCanBeEmptyUnsuccessfulOrRaw() async throws {
        simulation.faults.add(.emptyBody(), times: 1)
        simulation.faults.add(.unsuccessful, times: 1)
        simulation.faults.add(.body([0x7B, 0xFF, 0xFE], status: 203, contentType: "text/plain"), times: 1)
        let empty = await simulation.get("/bucket")
        #expect(empty.status == 200 && empty.bytes.isEmpty)
        let unsuccessful = await simulation.get("/bucket")
        #expect(unsuccessful.status == 200)
        #expect(keys(try unsuccessful.object()) == ["success", "message"])
        #expect(try unsuccessful.object()["success"] as? Bool == false)
        let raw = await simulation.get("/bucket")
        #expect(raw.status == 203 && raw.bytes == [0x7B, 0xFF, 0xFE] && raw[header: .contentType] == "text/plain")
        #expect(await simulation.get("/bucket").status == 200)
    }

    @Test func connectionIsAborted() async {
        simulation.faults.add(.brokenOff)
        #expect(await simulation.get("/bucket").response.ending == .brokenOff)
    }

    @Test func delaysAddUpAndCombineWithOtherFaults() async {
        simulation.configuration.latency = .milliseconds(20)
        simulation.faults.add(.delay(.seconds(3)))
        simulation.faults.add(.delay(.seconds(4)), times: 1)
        simulation.faults.add(.status(500), times: 1)
        #expect(await simulation.get("/bucket").status == 500)
        #expect(await simulation.get("/bucket").status == 200)
        #expect(clock.slept == [.milliseconds(7020), .milliseconds(3020)])
    }

    @Test func faultsApplyToAnEndpointAndABucket() async {
        let (first, second) = (simulation.buckets[0].id, simulation.buckets[2].id)
        simulation.faults.add(.status(403), to: .bucketStatus, bucket: first)
        #expect(await simulation.get("/bucket/\(first)/status").status == 403)
        #expect(await simulation.get("/bucket/\(second)/status").status == 200)
        #expect(await simulation.post("/bucket/\(first)/stats", #"{"day":"2024-06-11"}"#).status == 200)
        #expect(await simulation.get("/bucket").status == 200)
    }

    @Test func faultsExpireOrAreRemoved() async {
        let twice = simulation.faults.add(.status(500), to: .bucketTotals, times: 2)
        let always = simulation.faults.add(.status(502), to: .bucketTotals)
        #expect(simulation.faults.remaining(twice) == 2 && simulation.faults.remaining(always) == nil)
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(await simulation.get("/bucket/stats").status) }
        #expect(statuses == [500, 500, 502])
        #expect(simulation.faults.remaining(twice) == 0)
        simulation.faults.remove(always)
        #expect(await simulation.get("/bucket/stats").status == 200)
        simulation.faults.add(.status(500))
        simulation.faults.removeAll()
        #expect(await simulation.get("/bucket/stats").status == 200)
    }

    @Test func failedRequestChangesNothing() async {
        simulation.faults.add(.status(500), to: .deleteBucket)
        #expect(await simulation.send(.delete, "/bucket/\(simulation.wellBucket)").status == 500)
        #expect(simulation.buckets.count == 20)
    }

    @Test func wholeAPICanFail() async {
        simulation.setOutage(.unavailable)
        #expect(await simulation.get("/bucket").status == 503)
        #expect(await simulation.post("/user/login").status == 503)
        simulation.setOutage(.hanging)
        let request = Task { await simulation.get("/bucket") }
        await simulation.requests.wait(untilReceived: 3)
        request.cancel()
        _ = await request.value
        #expect(simulation.requests.abandonedCount() == 1)
        simulation.setOutage(nil)
        #expect(await simulation.get("/bucket").status == 200)
    }
}
