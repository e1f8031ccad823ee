import Basics
import Exposition
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// The effect of a selection of families on samples and requests.
@Suite struct ExportedFamiliesTests {
    private func account(include: [String] = [], exclude: [String] = []) throws -> CollectedAccount {
        let filter = PatternFilter(
            include: try include.map { try Pattern(parsing: $0) }, exclude: try exclude.map { try Pattern(parsing: $0) })
        return try CollectedAccount(collection: {
            $0.collectors = Set(CollectorCatalogue.all.map { $0.name })
            $0.metrics.families = filter
        })
    }

    @Test func allFamiliesAreTheSameWithoutTheExcludedOnes() async throws {
        let all = try await account().scrape()
        let excluded = try await account(exclude: ["flashback_bucket_(info|node_status)", "flashback_up"]).scrape()
        let names = ["flashback_bucket_info", "flashback_bucket_node_status", "flashback_up"]
        #expect(names.allSatisfy { all[family: $0] != nil })
        #expect(excluded.families.map(\.name) == all.families.map(\.name).filter { !names.contains($0) })
        for family in excluded.families { #expect(family.samples == all[family: family.name]?.samples, "\(family.name)") }
    }

    @Test func onlyIncludedFamiliesAreKept() async throws {
        let account = try account(
            include: ["flashback_bucket_requests_total", "flashback_(up|bucket_node_.*)"], exclude: [".*daily.*"])
        let names = await account.engine.snapshot().families.map(\.family.name)
        #expect(
            Set(names) == [
                "flashback_up", "flashback_bucket_requests_total", "flashback_bucket_node_info", "flashback_bucket_node_status",
                "flashback_bucket_node_latency_seconds", "flashback_bucket_node_last_update_timestamp_seconds",
            ])
    }

    @Test func collectorWithoutExportedFamiliesMakesNoRequests() async throws {
        let account = try account(include: ["flashback_bucket_node_status", "flashback_(bucket_)?collector_success"])
        let metrics = try await account.scrape()
        #expect(account.simulation.requests.count(.listBuckets) == 1)
        #expect(account.simulation.requests.count(.bucketStatus) == 3)
        #expect(account.simulation.requests.received == 4)
        // It makes no requests, as if it were disabled.
        #expect(metrics.samples("flashback_collector_success").map(\.labels) == [["collector": "status"]])
        #expect(Set(metrics.samples("flashback_bucket_collector_success").compactMap { $0.labels["collector"] }) == ["status"])
        #expect(await account.engine.reports().filter(\.hasRun).map(\.collector) == ["buckets", "status"])
    }
}
