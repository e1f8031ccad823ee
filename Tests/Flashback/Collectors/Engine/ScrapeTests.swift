import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite struct ScrapeTests {
    private static let listed = "flashback_bucket_info"
    private static let nodeStatus = "flashback_bucket_node_status"

    @Test func collectorsRefreshAfterTheirOwnLifetimes() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            for scrape in 0..<241 {
                try await time.sleep(until: .seconds(15 * scrape))
                _ = try await engine.scrape()
            }
            // In an hour: every 30 s, every 5 min and every hour; the last two use the same endpoint.
            let requests = account.simulation.requests
            #expect(requests.count(.listBuckets) == 121)
            #expect(requests.count(.bucketTotals) == 121)
            #expect(requests.count(.bucketStatus) == 3 * 121)
            #expect(requests.count(.availableBuckets) == 13)
            #expect(requests.count(.dailyStats) == 3 * (13 + 2))
        }
    }

    @Test func lifetimesAreConfigurableAndDisabledCollectorsSendNoRequests() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine {
                $0.collectors = ["buckets", "status", "totals"]
                $0.lifetimes = ["buckets": .seconds(60), "status": .zero]
            }
            for scrape in 0..<20 {
                try await time.sleep(until: .seconds(15 * scrape))
                _ = try await engine.scrape()
            }
            let requests = account.simulation.requests
            #expect(requests.count(.listBuckets) == 5)
            #expect(requests.count(.bucketTotals) == 10)
            #expect(requests.count(.bucketStatus) == 3 * 20)
            #expect(requests.received == 75)
        }
    }

    @Test func fiftySimultaneousScrapesShareOneRefresh() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let pages = await withTaskGroup { group in
                for number in 0..<50 {
                    group.addTask {
                        try? await time.sleep(for: .milliseconds(number))
                        return await engine.snapshot(within: .seconds(9))
                    }
                }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(pages.count == 1)
            #expect(account.simulation.requests.received == 4 + 3 * 3)
        }
    }

    @Test func scrapeDoesNotWaitForSlowRequests() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            let slow = account.simulation.buckets[1]
            account.simulation.faults.add(.delay(.seconds(20)), to: .bucketStatus, bucket: slow.id)
            let first = try await engine.scrape(within: .seconds(9.5))
            #expect(time.uptime < .seconds(1))
            #expect(Set(first.samples(Self.nodeStatus).compactMap { $0.labels["bucket_id"] }).count == 2)
            #expect(first.samples(Self.listed).count == 3)
            try await time.sleep(until: .seconds(15))
            _ = try await engine.scrape(within: .seconds(9.5))
            #expect(time.uptime == .seconds(15))
            try await time.sleep(until: .seconds(21))
            let second = try await engine.scrape(within: .seconds(9.5))
            #expect(Set(second.samples(Self.nodeStatus).compactMap { $0.labels["bucket_id"] }).count == 3)
            #expect(account.simulation.requests.count(.bucketStatus) == 3)
        }
    }

    /// 40 requests at two a second take 20 seconds.
    @Test(arguments: [(timeout: 15, longest: 1, read: 0...2), (timeout: 25, longest: 21, read: 40...40)])
    func scrapeWaitsForAQueueOnlyIfItCanFinish(_ timeout: Int, _ longest: Int, _ read: ClosedRange<Int>) async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 40
            var settings = SimulatedAccount.Settings()
            settings.maximumRate = 2
            let account = try SimulatedAccount(configuration, settings, time: time)
            let engine = account.engine { $0.collectors = ["buckets", "status"] }
            _ = try await engine.scrape(within: .seconds(50))
            #expect(account.simulation.requests.count(.bucketStatus) == 40)
            try await time.sleep(until: .seconds(60))
            let page = try await engine.scrape(within: .seconds(timeout))
            #expect(time.uptime < .seconds(60 + longest))
            #expect(read.contains(account.simulation.requests.count(.bucketStatus, status: 200) - 40))
            #expect(page.samples(Self.nodeStatus).count == 40 * 4)
            try await engine.stop()
        }
    }

    @Test func scrapesOfAHangingAPIEndAtTheirDeadlineWithBoundedRequests() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            account.simulation.setOutage(.hanging)
            var inFlight: [Int] = []
            for scrape in 0..<200 {
                try await time.sleep(until: .seconds(15 * scrape))
                let page = try await engine.scrape(within: .seconds(9.5))
                #expect(time.uptime - .seconds(15 * scrape) <= .seconds(9.5))
                #expect(page.samples(Self.listed).isEmpty)
                inFlight.append(account.simulation.requests.inFlight)
            }
            #expect(try #require(inFlight.max()) <= 4)
            #expect(account.simulation.requests.maximumInFlight <= 4)
            try await engine.stop()
        }
    }

    @Test func oldestDataIsRequestedFirst() async throws {
        try await SimulatedTime.run { time in
            var configuration = SimulatorConfiguration.small
            configuration.buckets = 40
            var settings = SimulatedAccount.Settings()
            settings.concurrency = 1
            let account = try SimulatedAccount(configuration, settings, time: time)
            account.simulation.faults.add(.delay(.seconds(1)), to: .bucketStatus)
            let engine = account.engine {
                $0.collectors = ["buckets", "status"]
                $0.maxStale = .seconds(5)
            }
            // Occasional scrapes: the refresh is aborted before it is complete, because no other scrape arrives.
            for scrape in 0..<30 {
                try await time.sleep(until: .seconds(60 * scrape))
                _ = try await engine.scrape(within: .seconds(5))
            }
            let answered = account.simulation.requests.all.filter { $0.endpoint == .bucketStatus && $0.status == 200 }
            let turns = Dictionary(grouping: answered, by: \.bucketID).values.map(\.count)
            #expect(turns.count == 40)
            #expect((turns.max() ?? 0) <= (turns.min() ?? 0) + 2, "\(turns)")
            try await engine.stop()
        }
    }

    @Test func refreshWithoutScrapesIsCancelled() async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.timeout = .seconds(600)
            let account = try SimulatedAccount(.small, settings, time: time)
            let engine = account.engine { $0.maxStale = .seconds(40) }
            _ = try await engine.scrape(within: .seconds(1))
            #expect(engine.isReady)
            // Everything is due again and is requested at once.
            try await time.sleep(until: .seconds(4000))
            account.simulation.faults.add(.delay(.seconds(100)))
            _ = try await engine.scrape(within: .seconds(1))
            try await time.sleep(until: .seconds(4039))
            #expect(account.simulation.requests.inFlight == 13)
            try await time.sleep(until: .seconds(4041))
            #expect(account.simulation.requests.inFlight == 0)
            #expect(account.simulation.requests.abandonedCount() == 13)
            // The request was cancelled, which is not a failure: the next scrape sends it again at once.
            account.simulation.faults.removeAll()
            let page = try await engine.scrape(within: .seconds(9))
            #expect(Set(page.samples(Self.nodeStatus).compactMap { $0.labels["bucket_id"] }).count == 3)
        }
    }

    @Test func repeatedScrapesKeepALongRefreshAlive() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine { $0.maxStale = .seconds(40) }
            account.simulation.faults.add(.delay(.seconds(25)))
            for scrape in 0..<4 {
                try await time.sleep(until: .seconds(15 * scrape))
                _ = try await engine.scrape(within: .seconds(9))
            }
            #expect(account.simulation.requests.abandonedCount() == 0)
            #expect(account.simulation.requests.count(.bucketStatus, status: 200) == 3)
            try await engine.stop()
        }
    }

    @Test func noBucketRequestsWhileTheListFails() async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(.small, time: time)
            let engine = account.engine()
            _ = try await engine.scrape()
            let before = account.simulation.requests.count(.bucketStatus)
            account.simulation.faults.add(.status(500), to: .listBuckets)
            try await time.sleep(until: .seconds(31))
            #expect(try await engine.scrape().value("flashback_up") == 0)
            // The requests that were sent together with the list's.
            #expect(account.simulation.requests.count(.bucketStatus) == before + 3)
            try await time.sleep(until: .seconds(62))
            let page = try await engine.scrape()
            #expect(account.simulation.requests.count(.bucketStatus) == before + 3)
            #expect(page.value("flashback_collector_success", ["collector": "totals"]) == 1)
            // Their data is still there.
            #expect(page.samples(Self.nodeStatus).count == 3 * 4)
        }
    }
}

extension SimulatorConfiguration {
    /// Three healthy buckets with one node each.
    static var small: SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.buckets = 3
        configuration.nodes = 1
        configuration.hasIllBucket = false
        configuration.latency = .milliseconds(20)
        return configuration
    }
}

extension SimulatedAccount {
    /// A small account that is slow.
    /// - Parameters:
    ///   - latency: the duration of each request.
    ///   - concurrency: how many requests may be in progress at once.
    init(buckets: Int, latency: Duration, concurrency: Int, time: ManualTime) throws {
        var configuration = SimulatorConfiguration.small
        configuration.buckets = buckets
        configuration.latency = latency
        var settings = Settings()
        settings.concurrency = concurrency
        try self.init(configuration, settings, time: time)
    }
}
