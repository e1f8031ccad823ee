import FlashbackSimulator
import Foundation
import Testing

/// GET /stats/nodes/minute and GET /stats/nodes/daily.
@Suite struct NodeStatisticsTests {
    private let simulation = FlashbackSimulation.make(time: TestTime("2024-06-01T09:30:00Z"))

    private func ids(_ count: Int) -> [String] { simulation.buckets.prefix(count).map(\.id) }

    @Test(arguments: ["bucketId", "unitId"])
    func latestReportsMatchTheStatusOfEachBucket(_ parameter: String) async throws {
        let ids = ids(2)
        let rows = try await simulation.get("/stats/nodes/minute?\(parameter)=\(ids.joined(separator: "%2C"))").rows("data")
        #expect(rows.count == 2 * simulation.nodes.count)
        #expect(keys(rows[0]) == ["nodeId", "bucketId", "nodeStatus", "lastUpdated", "latency_ms"])
        for id in ids {
            let own = try await simulation.get("/bucket/\(id)/status").rows("nodeStatus")
            let mine = rows.filter { $0["bucketId"] as? String == id }
            #expect(mine.map { $0["nodeId"] as? String } == own.map { $0["ip"] as? String })
            #expect(mine.map { $0["latency_ms"] as? Int } == own.map { $0["latency_ms"] as? Int })
            #expect(mine.map { $0["nodeStatus"] as? String } == own.map { $0["status"] as? String })
        }
    }

    @Test func statisticsOfADayMatchThoseOfEachBucket() async throws {
        let id = ids(1)[0]
        let rows = try await simulation.get("/stats/nodes/daily?bucketId=\(id)&startDate=1062024&endDate=1062024").rows("data")
        #expect(
            keys(rows[0]) == [
                "nodeId", "bucketId", "day", "online", "latency_ms", "endpoint", "region", "storageType", "provider", "status",
                "version",
            ])
        let own = try await simulation.post("/bucket/\(id)/stats", #"{"day":"2024-06-01T00:00:00.000Z"}"#).rows("nodeStats")
        #expect(rows.map { $0["online"] as? Double } == own.map { $0["perc_uptime"] as? Double })
        #expect(rows.map { $0["latency_ms"] as? Double } == own.map { $0["avg_latency_ms"] as? Double })
        #expect(rows.map { $0["endpoint"] as? String } == own.map { $0["host"] as? String })
        #expect(rows.allSatisfy { $0["day"] as? Int == 1_062_024 })
    }

    @Test func requestWithoutIdentifiersReturnsAllBucketsForEachDay() async throws {
        #expect(try await simulation.get("/stats/nodes/minute").rows("data").count == 20 * simulation.nodes.count)
        let rows = try await simulation.get("/stats/nodes/daily?startDate=31052024&endDate=1062024").rows("data")
        #expect(Set(rows.compactMap { $0["day"] as? Int }) == [31_052_024, 1_062_024])
    }

    @Test(arguments: [
        "startDate=x", "startDate=31022024&endDate=1032024", "startDate=2062024&endDate=1062024", "startDate=0",
        "startDate=99999999",
    ])
    func invalidDateIs400(_ query: String) async {
        #expect(await simulation.get("/stats/nodes/daily?\(query)").status == 400)
    }

    @Test func unknownForbiddenAndOmittedBucketsHaveNoRows() async throws {
        let ids = ids(3)
        simulation.setForbidden(true, bucket: ids[0])
        simulation.setOmittedFromStatistics(true, bucket: ids[1])
        let query = "bucketId=nope,\(ids.joined(separator: ","))"
        for path in ["minute", "daily"] {
            let rows = try await simulation.get("/stats/nodes/\(path)?\(query)").rows("data")
            #expect(Set(rows.compactMap { $0["bucketId"] as? String }) == [ids[2]])
        }
        #expect(await simulation.get("/bucket/\(ids[1])/status").status == 200)
    }

    @Test func statisticsAppearInEveryDialect() async throws {
        let id = ids(1)[0]
        simulation.configuration.dialect.bucketIDName = .unitID
        simulation.configuration.dialect.latencyName = .camelCase
        simulation.configuration.dialect.nodeIDForm = .identifierAndAddress
        simulation.configuration.dialect.dayForm = .seconds
        simulation.configuration.dialect.optionalFields = .missing
        simulation.configuration.dialect.statisticsKind = .string
        let latest = try await simulation.get("/stats/nodes/minute?bucketId=\(id)").rows("data")[0]
        #expect(keys(latest) == ["nodeId", "ip", "unitId", "nodeStatus", "lastUpdated"])
        #expect(latest["nodeId"] as? String == "node-1")
        let day = try await simulation.get("/stats/nodes/daily?bucketId=\(id)").rows("data")[0]
        #expect(keys(day) == ["nodeId", "ip", "unitId", "day", "online", "latencyMs"])
        #expect(day["day"] as? String == "1717200000")
        simulation.configuration.dialect.dayForm = .milliseconds
        simulation.configuration.dialect.nodeIDForm = .number
        simulation.configuration.dialect.statisticsKind = .number
        simulation.configuration.dialect.optionalFields = .present
        let numbers = try await simulation.get("/stats/nodes/minute?bucketId=\(id)").rows("data")[0]
        #expect(numbers["latencyMs"] is Int)
        simulation.configuration.dialect.statisticsKind = .string
        let strings = try await simulation.get("/stats/nodes/minute?bucketId=\(id)").rows("data")[0]
        #expect(strings["latencyMs"] is String)
        simulation.configuration.dialect.statisticsKind = .number
        let other = try await simulation.get("/stats/nodes/daily?bucketId=\(id)").rows("data")[0]
        #expect(other["day"] as? Int == 1_717_200_000_000 && other["nodeId"] as? Int == 1)
    }

    @Test func requestThatIsTooLongIs414() async throws {
        simulation.configuration.maximumTargetBytes = 120
        #expect(await simulation.get("/stats/nodes/minute?bucketId=\(ids(2).joined(separator: ","))").status == 200)
        #expect(await simulation.get("/stats/nodes/minute?bucketId=\(ids(3).joined(separator: ","))").status == 414)
    }
}
