import FlashbackSimulator
import Foundation
import HTTPTypes
import Testing

/// The simulated world over time.
@Suite struct WorldTests {
    private static let reads = [
        "/bucket", "/bucket/stats", "/bucket/available",
        "/repo", "/repo/stats", "/node?nodeServices=1", "/v2/stats/storage/breakdown/nodes?scope=org&window=24h",
        "/v2/stats/storage/breakdown/buckets?scope=org&window=24h",
    ]

    @Test func sameSeedAndTimeGiveTheSameBytes() async {
        let (first, second) = (FlashbackSimulation.make(), FlashbackSimulation.make())
        let other = FlashbackSimulation.make { $0.seed = 2 }
        // The order of the requests does not matter.
        var answers: [String: [UInt8]] = [:]
        for path in Self.reads { answers[path] = await first.get(path).bytes }
        for path in Self.reads.reversed() {
            #expect(await second.get(path).bytes == answers[path])
            #expect(await other.get(path).bytes != answers[path])
        }
        let id = first.wellBucket
        #expect(await first.get("/bucket/\(id)/status").bytes == second.get("/bucket/\(id)/status").bytes)
        let day = #"{"day":"2024-06-12"}"#
        #expect(await first.post("/bucket/\(id)/stats", day).bytes == second.post("/bucket/\(id)/stats", day).bytes)
    }

    @Test func totalsGrowOverAWeekWithADailyRhythm() throws {
        let time = TestTime("2024-06-10T00:00:00Z")
        let simulation = FlashbackSimulation.make(time: time)
        let ids = simulation.buckets.filter { !$0.isIll }.map(\.id)
        var last = try ids.map { try #require(simulation.totals(ofBucket: $0)) }
        var hourly: [Int64] = []
        for _ in 0..<7 * 24 {
            // Irregular steps, down to a millisecond.
            for step in [0.001, 0.002, 1200.497, 2399.5] {
                time.advance(by: step)
                let totals = try ids.map { try #require(simulation.totals(ofBucket: $0)) }
                for (old, new) in zip(last, totals) {
                    #expect(
                        new.count >= old.count && new.uploadBytes >= old.uploadBytes && new.downloadBytes >= old.downloadBytes)
                }
                if step == 2399.5 { hourly.append(totals[1].uploadBytes) }
                last = totals
            }
        }
        let growth = zip(hourly, hourly.dropFirst()).map { $1 - $0 }
        let (slowest, fastest) = (try #require(growth.min()), try #require(growth.max()))
        #expect(slowest > 0 && fastest > 4 * slowest)
        let night = growth.indices.filter { ($0 + 1) % 24 < 4 }.map { growth[$0] }.reduce(0, +)
        let afternoon = growth.indices.filter { (12..<16).contains(($0 + 1) % 24) }.map { growth[$0] }.reduce(0, +)
        #expect(afternoon > 2 * night)
    }

    @Test func nodeOutagesShowInTheUptime() async throws {
        let time = TestTime("2024-06-10T00:00:30Z")
        let simulation = FlashbackSimulation.make(time: time) { $0.buckets = 6 }
        let ids = simulation.buckets.map(\.id)
        var seen: Set<String> = []
        var last: [String: (status: String, latency: Int)] = [:]
        for day in 10...13 {
            var online: [String: Int] = [:]
            for minute in 0..<1440 {
                for id in ids {
                    for row in try await simulation.get("/bucket/\(id)/status").rows("nodeStatus") {
                        let status = try #require(row["status"] as? String)
                        seen.insert(status)
                        let key = "\(id) \(row["ip"] as? String ?? "")"
                        let latency = try #require(row["latency_ms"] as? Int)
                        if status == "ONLINE" {
                            online[key, default: 0] += 1
                        } else if let (before, measured) = last[key], before == status {
                            #expect(latency == measured, "a node that is down takes no measurement")
                        }
                        last[key] = (status, latency)
                        let updated = try Date(try #require(row["lastUpdated"] as? String), strategy: Self.times)
                        let age = time.now.timeIntervalSince(updated)
                        #expect(age >= 0)
                        if status != "OFFLINE" { #expect(age <= 30) } else { #expect(age <= 41 * 60) }
                    }
                }
                if minute == 719 {
                    // Half of the day has passed: today's statistics cover that half.
                    try await compare(simulation, ids, day: "2024-06-\(day)", online: online, minutes: 720)
                }
                time.advance(by: 60)
            }
            try await compare(simulation, ids, day: "2024-06-\(day)", online: online, minutes: 1440)
        }
        #expect(seen == ["ONLINE", "OFFLINE", "DISCONNECTED"])
    }

    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Compares the statistics of a day with observations once a minute: each outage may be off by a minute.
    private func compare(
        _ simulation: FlashbackSimulation, _ ids: [String], day: String, online: [String: Int], minutes: Int
    ) async throws {
        for id in ids {
            for row in try await simulation.post("/bucket/\(id)/stats", #"{"day":"\#(day)"}"#).rows("nodeStats") {
                let uptime = try #require(row["perc_uptime"] as? Double)
                let sampled = Double(online["\(id) \(row["ip"] as? String ?? "")"] ?? 0) / Double(minutes) * 100
                #expect(abs(uptime - sampled) <= 4.5 / Double(minutes) * 100, "\(day) \(row)")
            }
        }
    }

    @Test func bucketStatusIsThatOfItsBestNode() async throws {
        let simulation = FlashbackSimulation.make()
        let id = simulation.buckets[0].id
        func status() async throws -> String {
            try #require(try await simulation.get("/bucket").rows("buckets")[0]["status"] as? String)
        }
        for node in simulation.nodes { simulation.setStatus("OFFLINE", ofNode: node.ip) }
        #expect(try await status() == "OFFLINE")
        simulation.setStatus("DISCONNECTED", ofNode: simulation.nodes[2].ip, bucket: id)
        #expect(try await status() == "DISCONNECTED")
        simulation.setStatus("ONLINE", ofNode: simulation.nodes[1].ip, bucket: id)
        #expect(try await status() == "ONLINE")
        #expect(try await simulation.get("/bucket").rows("buckets")[3]["status"] as? String == "OFFLINE")
    }

    @Test func unhealthyBucketIsAlwaysUnhealthy() async throws {
        let time = TestTime()
        let simulation = FlashbackSimulation.make(time: time)
        let ill = simulation.buckets[1]
        for _ in 0..<50 {
            time.advance(by: 5000)
            let rows = try await simulation.get("/bucket/\(ill.id)/status").rows("nodeStatus")
            #expect(rows.allSatisfy { $0["status"] as? String != "ONLINE" })
        }
        let uptimes = try await simulation.post("/bucket/\(ill.id)/stats", #"{"day":"2024-06-12"}"#).rows("nodeStats")
        #expect(uptimes.allSatisfy { $0["perc_uptime"] as? Double == 0 })
        #expect(simulation.totals(ofBucket: ill.id) == SimulatedTotals())
        #expect(!FlashbackSimulation.make { $0.hasIllBucket = false }.buckets.contains { $0.isIll })
    }

    @Test func credentialsCarryTheCanary() async {
        let simulation = FlashbackSimulation.make {
            $0.canary = "CANARY"
            $0.dialect.clientFields = true
        }
        let text = await simulation.get("/bucket").text + simulation.get("/repo").text
        #expect(simulation.secrets.count == (20 + simulation.repositories.count) * 6)
        for secret in simulation.secrets {
            #expect(secret.contains("CANARY"))
            #expect(text.contains(secret))
        }
    }
}
