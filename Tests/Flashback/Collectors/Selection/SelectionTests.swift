import Basics
import Exposition
import FlashbackCollectors
import TestSupport
import Testing

@Suite struct SelectionTests {
    private func scrape(_ account: CollectedAccount, _ filter: SampleFilter) async throws -> ParsedExposition {
        try ParsedExposition(await account.engine.snapshot().body(in: .text, filter: filter).bytes)
    }

    private func buckets(of metrics: ParsedExposition) -> Set<String> {
        Set(metrics.families.flatMap(\.samples).compactMap { $0.labels["bucket_id"] })
    }

    @Test func workspaceSelectsItsBucketsSeries() async throws {
        let account = try CollectedAccount(buckets: 7)
        let snapshot = await account.engine.snapshot()
        let workspaceOfBucket = Dictionary(
            uniqueKeysWithValues: try await account.scrape().samples("flashback_bucket_info").map {
                ($0.labels["bucket_id"] ?? "", $0.labels["workspace_id"] ?? "")
            })
        #expect(snapshot.partitions == Set(workspaceOfBucket.values.map { Identifier($0) }))
        #expect(snapshot.partitions.count > 1)
        let all = try await scrape(account, .all)
        var series = 0
        let common = all.families.flatMap(\.samples).count { $0.labels["bucket_id"] == nil }
        for workspace in snapshot.partitions {
            let part = try await scrape(account, SampleFilter(partitions: [workspace]))
            #expect(buckets(of: part) == Set(workspaceOfBucket.filter { Identifier($0.value) == workspace }.keys))
            #expect(part.value("flashback_up") == 1)
            series += part.families.flatMap(\.samples).count - common
        }
        // The parts add up to the whole.
        #expect(series + common == all.families.flatMap(\.samples).count)
    }

    @Test(arguments: [
        "buckets", "available", "totals", "quota", "credits", "workspaces", "status", "daily", "yesterday",
    ])
    func collectorSelectsItsSeriesAndItsOwnMetrics(_ collector: String) async throws {
        let account = try CollectedAccount(collection: { $0.collectors = Set(CollectorCatalogue.all.map { $0.name }) })
        let type = try #require(CollectorCatalogue.all.first { $0.name == collector })
        let families = Set(CollectorCatalogue.families(of: type).map(\.name))
        let metrics = try await scrape(account, SampleFilter(collectors: [collector]))
        #expect(Set(metrics.families.map(\.name)).isSuperset(of: families))
        let others = Set(CollectorCatalogue.all.flatMap { CollectorCatalogue.families(of: $0) }.map(\.name)).subtracting(families)
        #expect(Set(metrics.families.map(\.name)).isDisjoint(with: others))
        #expect(Set(metrics.families.flatMap(\.samples).compactMap { $0.labels["collector"] }) == [collector])
        #expect(metrics.value("flashback_up") == 1)
        #expect(metrics[family: "flashback_api_requests_total"] != nil)
    }

    @Test func collectorsThatShareAFamilyAreSeparated() async throws {
        let account = try CollectedAccount()
        for (collector, day) in [("daily", "today"), ("yesterday", "yesterday")] {
            let metrics = try await scrape(account, SampleFilter(collectors: [collector]))
            #expect(Set(metrics.samples("flashback_bucket_node_daily_uptime_ratio").map { $0.labels["day"] }) == [day])
            #expect(Set(metrics.samples("flashback_daily_stats_day_timestamp_seconds").map { $0.labels["day"] }) == [day])
        }
    }
}
