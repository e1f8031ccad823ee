import Basics
import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct OverviewTests {
    private func overview(of account: CollectedAccount) async -> AccountOverview {
        await account.engine.overview(within: .seconds(5))
    }

    @Test func nodesLatencyAndUptimeMatchTheMetrics() async throws {
        let account = try CollectedAccount(buckets: 3, nodes: 3)
        let node = account.simulation.nodes[1].ip
        account.simulation.setStatus("OFFLINE", ofNode: node, bucket: account.id(0))
        let overview = await overview(of: account)
        let metrics = try await account.scrape()
        #expect(overview.buckets?.map(\.id.text) == (0..<3).map { account.id($0) })
        let first = try #require(overview.buckets?.first)
        let label = ["bucket_id": account.id(0)]
        #expect(first.nodes?.online == 2)
        #expect(first.nodes?.total == 3)
        #expect(first.nodes?.away.map(\.node.text) == [node])
        #expect(first.nodes?.away.first?.status == .offline)
        let latencies = metrics.samples("flashback_bucket_node_latency_seconds", label)
            .filter { $0.labels["node"] != node }.map(\.value)
        let latency = try #require(first.nodes?.bestLatencyMilliseconds)
        #expect(abs(latency / 1000 - (latencies.min() ?? 0)) < 1e-9)
        let uptimes = metrics.samples("flashback_bucket_node_daily_uptime_ratio", label.merging(["day": "today"]) { $1 })
            .map(\.value)
        let uptime = try #require(first.uptimeToday)
        #expect(abs(uptime - (uptimes.max() ?? 0)) < 1e-9)
        #expect(first.failures == [])
        #expect(overview.list.succeeded)
        #expect(overview.collectors.map(\.name) == CollectorCatalogue.all.map { $0.name })
        #expect(
            overview.collectors.allSatisfy {
                $0.report?.succeeded == (CollectorCatalogue.onByDefault.contains($0.name) ? true : nil)
            })
        #expect(overview.token.expiresAt != nil)
        #expect(overview.date == account.time.now)
    }

    @Test func accountIsSummarizedWhileItsDataIsServed() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["buckets", "quota", "credits", "repositories"] })
        let quota = try #require(account.simulation.quotas.first { $0.code.hasSuffix("_BYTES") })
        #expect(account.simulation.setUsed(quota.limit * 2, ofQuota: quota.code))
        account.simulation.setCredits(SimulatedCredits(balance: -3))
        let repository = try #require(account.simulation.repositories.first)
        #expect(account.simulation.setDisabled(true, repository: repository.id))
        let summary = await overview(of: account).account
        #expect(summary.hasSubscription == true)
        #expect(summary.quotas.contains(.init(capability: quota.code, usedRatio: 2, isInBytes: true)))
        #expect(try #require(summary.credits) <= -3)
        #expect(summary.disabledRepositories == [repository.name])

        account.simulation.setOutage(.unavailable)
        account.time.advance(by: .seconds(3600))
        #expect(await overview(of: account).account == AccountSummary())
    }

    @Test func requestsDueDataOnly() async throws {
        let account = try CollectedAccount()
        _ = await overview(of: account)
        #expect(account.simulation.requests.count(.listBuckets) == 1)
        account.time.advance(by: .seconds(29))
        _ = await overview(of: account)
        #expect(account.simulation.requests.count(.listBuckets) == 1)
        account.time.advance(by: .seconds(1))
        _ = await overview(of: account)
        #expect(account.simulation.requests.count(.listBuckets) == 2)
        #expect(account.simulation.requests.count(.availableBuckets) == 1)
    }

    @Test func backgroundModeSendsNoRequests() async throws {
        let account = try CollectedAccount(collection: { $0.mode = .background })
        let overview = await overview(of: account)
        #expect(account.simulation.requests.all.isEmpty)
        #expect(overview.buckets == nil)
        #expect(!overview.list.hasRun)
    }

    @Test func unreadableBucketHasItsReasonAndOthersAreUnaffected() async throws {
        let account = try CollectedAccount()
        let words = "{\"success\":false,\"message\":\"CANARY the secret is hunter2\"}"
        account.simulation.faults.add(.body(Array(words.utf8), status: 403), to: .bucketStatus, bucket: account.id(0))
        let overview = await overview(of: account)
        let failure = try #require(overview.buckets?[0].failures.first)
        #expect(failure.collector == "status")
        #expect(failure.message.hasPrefix("GET /bucket/{bucketId}/status: HTTP 403: "))
        #expect(overview.buckets?[0].nodes == nil)
        #expect(overview.buckets?[0].uptimeToday != nil)
        #expect(overview.buckets?[1].failures == [])
        let report = try #require(overview.collectors.first { $0.name == "status" }?.report)
        #expect(report.succeeded)
        #expect(report.latestFailure?.message == failure.message)
        #expect(report.latestFailure?.date == account.time.now)
        #expect(!"\(overview)".contains("CANARY"))
        // The log contains the API's text, for readers with access to it.
        #expect(!account.log.lines(with: "CANARY").isEmpty)

        account.simulation.faults.removeAll()
        account.time.advance(by: .seconds(30))
        let later = await self.overview(of: account)
        #expect(later.buckets?[0].failures == [])
        #expect(later.buckets?[0].nodes?.total == 2)
        #expect(later.collectors.first { $0.name == "status" }?.report?.latestFailure?.message == failure.message)
    }

    @Test func staleDataIsOmittedAsInTheMetrics() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let read = await engine.overview(within: .seconds(5)).buckets?[0].nodesReadAt
            let bucket = account.simulation.buckets[0]
            account.simulation.faults.add(.status(403), to: .bucketStatus, bucket: bucket.id)
            for second in stride(from: 15, through: 200, by: 15) {
                try await time.sleep(until: .seconds(second))
                let metrics = try await engine.scrape()
                let summaries = await engine.overview(within: .seconds(5)).buckets
                let summary = try #require(summaries?.first { $0.id.text == bucket.id })
                let isTold = !metrics.samples("flashback_bucket_node_status", ["bucket_id": bucket.id]).isEmpty
                #expect((summary.nodes != nil) == isTold, "at \(second) s")
                #expect(isTold == (second <= 150), "at \(second) s")
                #expect(summary.nodesReadAt == read)
                #expect(summary.failures.isEmpty == (second < 30), "at \(second) s")
            }
        }
    }

    @Test func outageHasItsStartAndFinallyNoBucketData() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let start = try #require(await engine.overview(within: .seconds(5)).list.since)
            try await time.sleep(until: .seconds(31))
            #expect(await engine.overview(within: .seconds(5)).list.since == start)
            account.simulation.setOutage(.unavailable)
            try await time.sleep(until: .seconds(62))
            let down = await engine.overview(within: .seconds(5))
            #expect(!down.list.succeeded)
            #expect(down.list.latestFailure?.message == "GET /bucket: HTTP 503")
            #expect(down.buckets?.count == 3)
            let since = try #require(down.list.since)
            #expect(since > start.addingTimeInterval(61))
            try await time.sleep(until: .seconds(300))
            let later = await engine.overview(within: .seconds(5))
            #expect(later.list.since == since)
            #expect(later.buckets == nil)
            account.simulation.setOutage(nil)
            try await time.sleep(until: .seconds(331))
            let back = await engine.overview(within: .seconds(5))
            #expect(back.list.succeeded)
            #expect(try #require(back.list.since) > since)
            #expect(back.buckets?.count == 3)
        }
    }

    @Test func hangingAPIIsNotWaitedForBeyondTheDeadline() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            account.simulation.setOutage(.hanging)
            let overview = await engine.overview(within: .seconds(2))
            #expect(time.uptime == .seconds(2))
            #expect(overview.buckets == nil)
            #expect(!overview.list.hasRun)
            try await engine.stop()
        }
    }

    @Test func disabledCollectorsAreListedAsDisabled() async throws {
        let account = try CollectedAccount(collection: { $0.collectors = ["status"] })
        let overview = await overview(of: account)
        #expect(overview.collectors.filter { $0.report != nil }.map(\.name) == ["status"])
        #expect(overview.list.succeeded)
        #expect(overview.buckets?.count == 3)
        #expect(overview.buckets?.allSatisfy { $0.nodes != nil && $0.uptimeToday == nil } == true)
    }
}
