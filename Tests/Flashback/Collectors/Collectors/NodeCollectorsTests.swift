import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

/// The collectors with requests about each bucket.
@Suite struct NodeCollectorsTests {
    @Test func nodeStatusMatchesTheAPI() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["status"] })
        let nodes = account.simulation.nodes.map(\.ip)
        account.simulation.setStatus("OFFLINE", ofNode: nodes[0], bucket: account.id(0))
        account.simulation.setStatus("WEIRD", ofNode: nodes[1], bucket: account.id(0))
        let parsed = try await account.scrape()
        let labels = ["bucket_id": account.id(0), "node": nodes[0]]
        #expect(parsed.value("flashback_bucket_node_status", labels.merging(["status": "offline"]) { $1 }) == 1)
        #expect(parsed.value("flashback_bucket_node_status", labels.merging(["status": "online"]) { $1 }) == 0)
        #expect(
            parsed.value("flashback_bucket_node_status", ["bucket_id": account.id(0), "node": nodes[1], "status": "unknown"]) == 1
        )
        #expect(account.log.lines(with: "WEIRD").count == 1)
        let latency = try #require(parsed.value("flashback_bucket_node_latency_seconds", labels))
        #expect(latency > 0.001 && latency < 1)
        let reported = try #require(parsed.value("flashback_bucket_node_last_update_timestamp_seconds", labels))
        #expect(abs(reported - account.time.now.timeIntervalSince1970) < 60)
    }

    @Test func missingLatencyOmitsItsSeries() async throws {
        let account = try CollectedAccount(
            simulator: { $0.dialect.latencyWhenDown = .missing }, collection: { $0.collectors = ["status"] })
        let ip = account.simulation.nodes[0].ip
        account.simulation.setStatus("DISCONNECTED", ofNode: ip)
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_node_latency_seconds", ["node": ip]).isEmpty)
        #expect(
            parsed.samples("flashback_bucket_node_status", ["node": ip, "status": "disconnected"]).allSatisfy { $0.value == 1 })
    }

    /// The series that are missing for a bucket after each kind of failure.
    @Test(arguments: [
        SimulatedFault.status(500), .status(403), .status(404), .badGatewayPage, .truncatedJSON, .emptyBody(), .unsuccessful,
        .brokenOff,
        .body(Array("null".utf8)), .body([0xFF, 0xFE]),
    ])
    func failureOfOneBucketAffectsThatBucketOnly(_ fault: SimulatedFault) async throws {
        let account = try CollectedAccount()
        let healthy = try await CollectedAccount().scrape()
        let id = account.id(0)
        account.simulation.faults.add(fault, to: .bucketStatus, bucket: id)
        let parsed = try await account.scrape()
        #expect(
            parsed.families(with: ["bucket_id": id]).filter { $0.hasPrefix("flashback_bucket_node_") && !$0.contains("daily") }
                == [])
        #expect(parsed.value("flashback_bucket_collector_success", ["bucket_id": id, "collector": "status"]) == 0)
        #expect(parsed.value("flashback_bucket_collector_success", ["bucket_id": id, "collector": "daily"]) == 1)
        #expect(
            parsed.value("flashback_bucket_collector_last_success_timestamp_seconds", ["bucket_id": id, "collector": "status"])
                == nil)
        #expect(parsed.value("flashback_collector_success", ["collector": "status"]) == 1)
        #expect(parsed.value("flashback_up") == 1)
        // The other buckets' series are unaffected.
        for other in [account.id(1), account.id(2)] {
            for family in healthy.families {
                let expected = family.samples.filter { $0.labels["bucket_id"] == other }
                #expect(
                    (parsed[family: family.name]?.samples ?? []).filter { $0.labels["bucket_id"] == other } == expected,
                    "\(family.name)")
            }
        }
        #expect(account.log.lines(with: "collector failed for some buckets").count == 1, "\(account.log.lines)")
    }

    @Test func failureOfEveryBucketFailsTheCollector() async throws {
        let account = try CollectedAccount()
        account.simulation.faults.add(.status(500), to: .bucketStatus)
        let parsed = try await account.scrape()
        #expect(parsed.value("flashback_collector_success", ["collector": "status"]) == 0)
        #expect(parsed.value("flashback_collector_last_success_timestamp_seconds", ["collector": "status"]) == nil)
        #expect(parsed.value("flashback_collector_success", ["collector": "daily"]) == 1)
        #expect(parsed.value("flashback_up") == 1)
    }

    @Test func failingBucketIsServedWhileItsObservationIsFresh() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["status"] })
        let id = account.id(0)
        _ = try await account.scrape()
        account.simulation.faults.add(.status(500), to: .bucketStatus, bucket: id)
        var parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.samples("flashback_bucket_node_info", ["bucket_id": id]).count == 2)
        #expect(parsed.value("flashback_bucket_collector_success", ["bucket_id": id]) == 0)
        #expect(parsed.value("flashback_bucket_collector_last_success_timestamp_seconds", ["bucket_id": id]) == 1_705_314_600)
        // Its lifetime of 30 s and 120 s more.
        parsed = try await account.scrape(after: .seconds(120))
        #expect(parsed.samples("flashback_bucket_node_info", ["bucket_id": id]).count == 2)
        parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.samples("flashback_bucket_node_info", ["bucket_id": id]).isEmpty)
        #expect(parsed.samples("flashback_bucket_node_info").count == 4)
        #expect(parsed.value("flashback_bucket_collector_last_success_timestamp_seconds", ["bucket_id": id]) == 1_705_314_600)
    }

    @Test func availabilityIsExportedForEachBucket() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["available"] })
        account.simulation.setAvailable([account.id(1), "unknown"])
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_available").map(\.value) == [0, 1, 0])
    }

    // MARK: Days

    /// Shortly before a midnight.
    private let evening = 1_705_363_080.0  // 2024-01-15T23:58:00Z
    private let midnight = 1_705_363_200.0

    @Test func todayChangesAtMidnight() async throws {
        let account = try CollectedAccount(start: evening, collection: { $0.collectors = ["daily", "yesterday"] })
        var parsed = try await account.scrape()
        #expect(parsed.value("flashback_daily_stats_day_timestamp_seconds", ["day": "today"]) == midnight - 86_400)
        #expect(parsed.value("flashback_daily_stats_day_timestamp_seconds", ["day": "yesterday"]) == midnight - 2 * 86_400)
        #expect(parsed.samples("flashback_bucket_node_daily_uptime_ratio", ["day": "today"]).count == 6)
        #expect(parsed.samples("flashback_bucket_node_daily_uptime_ratio", ["day": "yesterday"]).count == 6)
        let today = parsed.samples("flashback_bucket_node_daily_average_latency_seconds", ["day": "today"]).map(\.value)
        // Only the list has outlived its lifetime, and yet all data about days changes.
        parsed = try await account.scrape(after: .seconds(125))
        #expect(parsed.value("flashback_daily_stats_day_timestamp_seconds", ["day": "today"]) == midnight)
        #expect(parsed.value("flashback_daily_stats_day_timestamp_seconds", ["day": "yesterday"]) == midnight - 86_400)
        #expect(account.simulation.requests.count(.dailyStats) == 12)
        let yesterday = parsed.samples("flashback_bucket_node_daily_average_latency_seconds", ["day": "yesterday"]).map(\.value)
        for (one, other) in zip(today, yesterday) { #expect(abs(one - other) < 0.002) }
    }

    @Test func oldDayIsNotServedAfterMidnight() async throws {
        let account = try CollectedAccount(start: midnight - 10, collection: { $0.collectors = ["daily"] })
        #expect(try await account.scrape().samples("flashback_bucket_node_daily_uptime_ratio").count == 6)
        account.simulation.faults.add(.status(500), to: .dailyStats)
        // The list is fresh for another 19 s, but the day is over.
        let parsed = try await account.scrape(after: .seconds(11))
        #expect(parsed[family: "flashback_bucket_node_daily_uptime_ratio"] == nil)
        #expect(parsed[family: "flashback_daily_stats_day_timestamp_seconds"] == nil)
        #expect(parsed.value("flashback_collector_success", ["collector": "daily"]) == 0)
    }

    @Test func uptimeIsARatio() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["daily", "yesterday"] })
        let values = try await account.scrape().samples("flashback_bucket_node_daily_uptime_ratio").map(\.value)
        #expect(!values.isEmpty && values.allSatisfy { (0...1).contains($0) })
        #expect(values.contains { $0 > 0.5 })
    }
}
