import Basics
import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import TestSupport
import Testing

/// The collectors `nodes` and `traffic`.
@Suite struct PlatformCollectorsTests {
    private func account(
        _ name: String, buckets: Int = 12, nodes: Int = 3, _ configure: (inout SimulatorConfiguration) -> Void = { _ in },
        collection: (inout CollectionConfiguration) -> Void = { _ in }
    ) throws -> CollectedAccount {
        try CollectedAccount(
            buckets: buckets, nodes: nodes, simulator: configure,
            collection: {
                $0.collectors = [name]
                collection(&$0)
            })
    }

    // MARK: Nodes

    @Test func nodeHasTheStateThatTheAPIReports() async throws {
        let account = try account(NodesCollector.name)
        let nodes = account.simulation.nodes
        for node in nodes { account.simulation.setStatus("ONLINE", ofNode: node.ip) }
        account.simulation.setStatus("OFFLINE", ofNode: nodes[0].ip)
        account.simulation.setStatus("WEIRD", ofNode: nodes[1].ip)
        let parsed = try await account.scrape()
        for (node, status) in zip(nodes, ["offline", "unknown", "online"]) {
            let states = parsed.samples("flashback_node_status", ["node": node.ip])
            #expect(states.count == 4 && states.filter { $0.value == 1 }.map { $0.labels["status"] } == [status])
            let info = try #require(parsed.samples("flashback_node_info", ["node": node.ip]).first)
            #expect(info.labels["node_region"] == node.region && info.labels["version"] == node.version)
            #expect(info.labels["host"] == "s3" + node.host.dropFirst())
            #expect(try #require(parsed.value("flashback_node_latency_seconds", ["node": node.ip])) < 1)
            let updated = try #require(parsed.value("flashback_node_last_update_timestamp_seconds", ["node": node.ip]))
            #expect(abs(updated - account.time.now.timeIntervalSince1970) < 60)
        }
        #expect(account.log.lines(with: "WEIRD").count == 1)
    }

    @Test func laterOfTwoRowsOfANodeIsKept() async throws {
        let account = try account(NodesCollector.name)
        let rows = [(1, "ONLINE"), (3, "OFFLINE"), (2, "ONLINE")].map {
            #"{"ip":"n","status":"\#($0.1)","lastUpdated":"2024-01-0\#($0.0)T00:00:00Z"}"#
        }
        account.simulation.faults.add(.body(Array("[\(rows.joined(separator: ","))]".utf8)), to: .listNodes)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_node_status", ["node": "n", "status": "offline"]) == 1)
        #expect(parsed.value("flashback_exporter_dropped_rows_total", ["reason": "duplicate"]) == 2)
    }

    // MARK: Traffic

    @Test func trafficOfTheWindowIsAGaugeByBucketAndByNode() async throws {
        let account = try account(TrafficCollector.name) { $0.dialect.maximumTrafficPageRows = 5 }
        let id = account.id(0)
        let before = try #require(account.simulation.totals(ofBucket: id))
        account.time.advance(by: .seconds(86_400))
        let after = try #require(account.simulation.totals(ofBucket: id))
        let parsed = try await account.scrape()
        // Three pages of buckets, one of nodes.
        #expect(account.simulation.requests.count(.bucketTraffic) == 3)
        #expect(account.simulation.requests.count(.nodeTraffic) == 1)
        let label = ["bucket_id": id, "bucket_name": account.simulation.buckets[0].name]
        #expect(
            parsed.samples("flashback_bucket_traffic_24h_upload_bytes", label).map(\.text)
                == ["\(after.uploadBytes - before.uploadBytes)"])
        #expect(
            parsed.samples("flashback_bucket_traffic_24h_size_change_bytes", label).map(\.text)
                == ["\(after.sizeChange - before.sizeChange)"])
        #expect(parsed.samples("flashback_bucket_traffic_24h_requests").count == 12)
        // The ill bucket has no traffic, and so no latency.
        #expect(parsed.samples("flashback_bucket_traffic_24h_latency_seconds").count == 11)
        #expect(parsed.samples("flashback_node_traffic_24h_requests").count == 3)
        let node = account.simulation.nodes[0]
        let info = parsed.samples("flashback_node_traffic_24h_info", ["node": node.ip])
        #expect(info.map { $0.labels["node_name"] } == [node.host])
        #expect(parsed.value("flashback_node_traffic_24h_latency_seconds", ["node": node.ip]) == 0.0205)
        for family in TrafficCollector.Families.families { #expect(family.type != .counter, "\(family.name)") }
    }

    @Test func omittedBucketHasNoSeries() async throws {
        let account = try account(TrafficCollector.name)
        let body =
            #"{"entities":[{"entityId":"\#(account.id(0))","totals":{"requests":7}},{"entityId":"gone","totals":{"requests":8}}]}"#
        account.simulation.faults.add(.body(Array(body.utf8)), to: .bucketTraffic)
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_traffic_24h_requests").map(\.text) == ["7"])
    }

    @Test func shardsExportTheirBucketsAndTheFirstExportsTheNodes() async throws {
        var buckets: [String?] = []
        for index in 0..<2 {
            let account = try account(
                TrafficCollector.name, collection: { $0.selection.shard = Shard(index: index, total: 2) })
            let parsed = try await account.scrape()
            buckets += parsed.samples("flashback_bucket_traffic_24h_requests").map { $0.labels["bucket_id"] }
            #expect((parsed[family: "flashback_node_traffic_24h_requests"] != nil) == (index == 0))
            #expect(account.simulation.requests.count(.nodeTraffic) == (index == 0 ? 1 : 0))
        }
        #expect(buckets.count == 12 && Set(buckets).count == 12)
    }

    // MARK: Both

    @Test(arguments: [SimulatedEndpoint.listNodes, .nodeTraffic, .bucketTraffic], [401, 403])
    func forbiddenRequestFailsThisCollectorOnly(_ endpoint: SimulatedEndpoint, _ status: Int) async throws {
        let refused = endpoint == .listNodes ? NodesCollector.name : TrafficCollector.name
        let account = try CollectedAccount(collection: { $0.collectors = Set(CollectorCatalogue.all.map { $0.name }) })
        account.simulation.faults.add(.status(status), to: endpoint)
        let parsed = try await account.scrape()
        for collector in CollectorCatalogue.all {
            let expected = collector.name == refused ? 0.0 : 1
            #expect(parsed.value("flashback_collector_success", ["collector": collector.name]) == expected, "\(collector.name)")
        }
        #expect(parsed.value("flashback_up") == 1)
        let types = try #require(CollectorCatalogue.all.first { $0.name == refused })
        for family in CollectorCatalogue.families(of: types) { #expect(parsed[family: family.name] == nil, "\(family.name)") }
    }

    @Test(arguments: [
        SimulatedFault.status(500), .truncatedJSON, .emptyBody(), .unsuccessful, .brokenOff, .wrongTypes(),
        .body(Array("null".utf8)), .body(Array(#"{"entities":[{"entityId":{}}],"data":[[]],"repos":[7],"stats":["x"]}"#.utf8)),
    ])
    func hostileResponsesFailTheseCollectorsOnly(_ fault: SimulatedFault) async throws {
        let names: Set = [RepositoriesCollector.name, NodesCollector.name, TrafficCollector.name]
        let account = try CollectedAccount(collection: { $0.collectors = names.union(["status"]) })
        for endpoint in [SimulatedEndpoint.listRepositories, .listNodes, .nodeTraffic] {
            account.simulation.faults.add(fault, to: endpoint)
        }
        let parsed = try await account.scrape()
        for name in names { #expect(parsed.value("flashback_collector_success", ["collector": name]) == 0, "\(name)") }
        #expect(parsed.value("flashback_collector_success", ["collector": "status"]) == 1)
        #expect(parsed.value("flashback_up") == 1)
    }
}
