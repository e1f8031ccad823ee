import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// While the list cannot be read, no buckets are requested, and the samples written for the last snapshot are kept as long as they remain
/// valid.
@Suite struct KeptSamplesTests {
    private static let listed = "flashback_bucket_info"
    private static let status = "flashback_bucket_node_status"
    private static let uptime = "flashback_bucket_node_daily_uptime_ratio"

    @Test func samplesDisappearWhenTooOld() async throws {
        let account = try CollectedAccount(collection: {
            $0.lifetimes["status"] = .seconds(5)
            $0.maxStale = .seconds(60)
        })
        let count = try await account.scrape().samples(Self.status).count
        #expect(count > 0)
        account.simulation.setOutage(.unavailable)
        // The list may be served for 90 seconds, the status for 65.
        for (seconds, expected) in [(31, count), (33, count), (2, 0)] {
            let page = try await account.scrape(after: .seconds(seconds))
            #expect(page.samples(Self.status).count == expected)
            #expect(page.samples(Self.listed).count == 3)
        }
    }

    @Test func samplesDisappearWhenTheirDayEnds() async throws {
        // 20 seconds before 2024-01-16T00:00:00Z.
        let account = try CollectedAccount(start: 1_705_363_180)
        #expect(try await !account.scrape().samples(Self.uptime).isEmpty)
        account.simulation.setOutage(.unavailable)
        let page = try await account.scrape(after: .seconds(31))
        #expect(page.samples(Self.uptime).isEmpty)
        #expect(page.samples(Self.listed).count == 3)
        #expect(!page.samples(Self.status).isEmpty)
    }

    @Test func samplesFollowBucketNames() async throws {
        let account = try CollectedAccount(collection: {
            $0.lifetimes = ["status": .seconds(600)]
        })
        _ = try await account.scrape()
        account.simulation.renameBucket(account.id(0), to: "another name")
        let page = try await account.scrape(after: .seconds(31))
        let names = page.samples(Self.status, ["bucket_id": account.id(0)]).map { $0.labels["bucket_name"] }
        #expect(!names.isEmpty)
        #expect(Set(names) == ["another name"])
    }
}
