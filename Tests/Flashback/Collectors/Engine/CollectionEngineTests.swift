import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

/// When requests are made, and what is served meanwhile.
@Suite struct CollectionEngineTests {
    @Test func scrapeWithoutTimeGetsAvailableDataAtOnce() async throws {
        let account = try CollectedAccount()
        account.simulation.setOutage(.hanging)
        let parsed = try await account.scrape(within: .zero)
        #expect(parsed[family: "flashback_up"] == nil)
        #expect(parsed[family: "flashback_bucket_info"] == nil)
        try await account.engine.stop()
    }

    @Test func observationIsServedForItsLifetimeAndMaxStale() async throws {
        let account = try CollectedAccount(collection: { $0.maxStale = .seconds(60) })
        #expect(try await account.scrape().value("flashback_up") == 1)
        account.simulation.setOutage(.unavailable)
        var parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.value("flashback_up") == 0)
        #expect(parsed.samples("flashback_bucket_info").count == 3)
        #expect(parsed.value("flashback_collector_success", ["collector": "buckets"]) == 0)
        #expect(parsed.value("flashback_collector_last_success_timestamp_seconds", ["collector": "buckets"]) == 1_705_314_600)
        parsed = try await account.scrape(after: .seconds(60))
        #expect(parsed.samples("flashback_bucket_info").count == 3)
        #expect(parsed.samples("flashback_bucket_node_info").count == 6)
        parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.families(with: ["bucket_id": account.id(0)]) == [])
        #expect(parsed.value("flashback_collector_last_success_timestamp_seconds", ["collector": "buckets"]) == 1_705_314_600)
        account.simulation.setOutage(nil)
        parsed = try await account.scrape(after: .seconds(30))
        #expect(parsed.value("flashback_up") == 1)
        #expect(parsed.samples("flashback_bucket_node_info").count == 6)
    }

    @Test func failedAttemptIsNotRepeatedBeforeItsLifetime() async throws {
        let account = try CollectedAccount()
        account.simulation.setOutage(.unavailable)
        _ = try await account.scrape()
        let received = account.simulation.requests.received
        for _ in 0..<5 { _ = try await account.scrape(after: .seconds(5)) }
        #expect(account.simulation.requests.received == received)
        _ = try await account.scrape(after: .seconds(5))
        #expect(account.simulation.requests.received > received)
    }

    @Test func failedRefreshCountsAsRefreshed() async throws {
        let account = try CollectedAccount()
        account.simulation.setOutage(.unavailable)
        #expect(!account.engine.isReady)
        _ = try await account.scrape()
        #expect(account.engine.isReady)
    }

    @Test func serviceRefreshesAtItsStart() async throws {
        let account = try CollectedAccount()
        let service = Task { try await account.engine.run() }
        await account.simulation.requests.wait(untilReceived: 12)
        let parsed = try await account.scrape()
        #expect(parsed.samples("flashback_bucket_node_info").count == 6)
        #expect(account.simulation.requests.count(.listBuckets) == 1)
        service.cancel()
        try await service.value
    }

    @Test func shutdownEndsTheRefresh() async throws {
        let account = try CollectedAccount()
        account.simulation.setOutage(.hanging)
        let service = Task { try await account.engine.run() }
        await account.simulation.requests.wait(untilReceived: 1)
        service.cancel()
        try await service.value
        #expect(account.simulation.requests.inFlight == 0)
        #expect(account.simulation.requests.abandonedCount() == 1)
    }

    @Test func concurrentRequestsAreLimited() async throws {
        let account = try CollectedAccount(
            buckets: 6, limit: 2, simulator: { $0.latency = .seconds(1) }, collection: { $0.collectors = ["status"] })
        async let parsed = account.scrape()
        // The scrape sleeps too, and so does the timer that ends the work without another scrape.
        await account.time.clock.waitForSleepers(3)
        account.time.advance(by: .seconds(1))
        for _ in 0..<3 {
            await account.time.clock.waitForSleepers(4)
            account.time.advance(by: .seconds(1))
        }
        #expect(try await parsed.samples("flashback_bucket_node_info").count == 12)
        #expect(account.simulation.requests.maximumInFlight == 2)
        #expect(try await parsed.value("flashback_collector_duration_seconds", ["collector": "status"]) == 3)
    }

    @Test func requestsAreReported() async throws {
        let account = try CollectedAccount(limit: 7)
        account.simulation.faults.add(.status(403), to: .bucketStatus, bucket: account.id(0))
        let parsed = try await account.scrape()
        let endpoint = "GET /bucket/{bucketId}/status"
        #expect(parsed.value("flashback_api_requests_total", ["endpoint": endpoint, "code": "200"]) == 2)
        #expect(parsed.value("flashback_api_requests_total", ["endpoint": endpoint, "code": "403"]) == 1)
        #expect(parsed.value("flashback_api_request_duration_seconds_count", ["endpoint": endpoint]) == 3)
        #expect(parsed.value("flashback_api_concurrency_limit") == 7)
        #expect(parsed.value("flashback_api_token_expiry_timestamp_seconds") == 1_736_850_600)
    }

}
