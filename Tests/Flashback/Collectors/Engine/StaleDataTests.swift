import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite struct StaleDataTests {
    private static let listed = "flashback_bucket_info"
    private static let nodeStatus = "flashback_bucket_node_status"
    private static let lastSuccess = "flashback_bucket_collector_last_success_timestamp_seconds"

    @Test func observationIsServedForLifetimeAndGrace() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            _ = try await engine.scrape()
            let bucket = account.simulation.buckets[0]
            account.simulation.faults.add(.status(403), to: .bucketStatus, bucket: bucket.id)
            let label = ["bucket_id": bucket.id]
            for second in stride(from: 15, through: 300, by: 15) {
                try await time.sleep(until: .seconds(second))
                let page = try await engine.scrape()
                // Requested at 0.02 s: it is too old after 30 s plus 120 s.
                #expect(page.samples(Self.nodeStatus, label).isEmpty == (second > 150), "at \(second) s")
                #expect(page.samples(Self.nodeStatus).count >= 2 * 4, "another bucket's series disappeared too")
                #expect(page.samples(Self.listed).count == 3)
                let status = label.merging(["collector": "status"]) { $1 }
                #expect(page.value("flashback_bucket_collector_success", status) == (second < 30 ? 1 : 0))
                let read = try #require(page.value(Self.lastSuccess, status))
                #expect(read - ManualTime().now.timeIntervalSince1970 < 1)
            }
        }
    }

    @Test(arguments: [true, false])
    func outageLeavesTheExportersOwnSeries(hangs: Bool) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            #expect(try await engine.scrape().value("flashback_up") == 1)
            try await time.sleep(until: .seconds(31))
            account.simulation.setOutage(hangs ? .hanging : .unavailable)
            for scrape in 0..<40 {
                try await time.sleep(until: .seconds(31 + 15 * scrape))
                let page = try await engine.scrape()
                if time.uptime > .seconds(31 + 30) { #expect(page.value("flashback_up") == 0) }
                let age = time.uptime
                if age > .seconds(152) {
                    #expect(page.families.allSatisfy { !$0.name.hasPrefix("flashback_bucket") }, "at \(age)")
                    #expect(page.families.allSatisfy { !$0.samples.contains { $0.labels["bucket_id"] != nil } }, "at \(age)")
                } else if age < .seconds(150) {
                    #expect(page.samples(Self.listed).count == 3, "at \(age)")
                }
                #expect(page[family: "flashback_api_requests_total"] != nil)
                #expect(page[family: "flashback_collector_success"] != nil)
            }
            account.simulation.setOutage(nil)
            try await time.sleep(for: .seconds(31))
            #expect(try await engine.scrape().value("flashback_up") == 1)
            // No scrape waits for buckets whose last request timed out.
            try await time.sleep(for: .seconds(1))
            let page = try await engine.scrape()
            #expect(page.samples(Self.nodeStatus).count == 3 * 4)
        }
    }

    @Test func deletedAndNewBucketsChangeAtOnce() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let old = account.simulation.buckets[0].id
            #expect(try await engine.scrape().labelValues.contains(old))
            account.simulation.deleteBucket(old)
            let new = account.simulation.createBucket(name: "new")
            try await time.sleep(until: .seconds(31))
            let page = try await engine.scrape()
            #expect(!page.labelValues.contains(old))
            #expect(!page.samples(Self.nodeStatus, ["bucket_id": new]).isEmpty)
        }
    }

    @Test func emptyAccountIsNotAnOutage() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            _ = try await engine.scrape()
            for bucket in account.simulation.buckets { account.simulation.deleteBucket(bucket.id) }
            try await time.sleep(until: .seconds(31))
            let page = try await engine.scrape()
            #expect(page.value("flashback_up") == 1)
            #expect(page.families.allSatisfy { !$0.samples.contains { $0.labels["bucket_id"] != nil } })
            #expect(page.value("flashback_collector_success", ["collector": "status"]) == 1)
        }
    }
}
