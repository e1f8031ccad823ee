import FlashbackSimulator
import TestSupport
import Testing

@testable import FlashbackCollectors

@Suite struct CollectionEngineWorkTests {
    /// An account whose first bucket list hangs for longer than the exporter waits for scrapes.
    private static func account(_ time: ManualTime) throws -> SimulatedAccount {
        var settings = SimulatedAccount.Settings()
        settings.timeout = .seconds(600)
        let account = try SimulatedAccount(.small, settings, time: time)
        account.simulation.faults.add(.hang, to: .listBuckets, times: 1)
        return account
    }

    /// The worker takes a moment to end after its cancellation; during this time a scrape may ask for data.
    @Test func scrapeThatAsksWhileTheWorkerEndsStartsAnother() async throws {
        try await SimulatedTime.run { time in
            let account = try Self.account(time)
            let engine = account.engine()
            _ = await engine.snapshot(within: .seconds(1))
            let beginning = time.uptime
            await engine.stopWorkingAndCollect()
            #expect(time.uptime < beginning + .seconds(1), "the scrape waited for a worker that had ended")
            #expect(account.simulation.requests.count(.listBuckets) == 2)
            #expect(await engine.reports().allSatisfy(\.succeeded))
        }
    }

    @Test func queueIsGivenUpWithoutScrapes() async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.timeout = .seconds(600)
            let account = try SimulatedAccount(.small, settings, time: time)
            let engine = account.engine()
            _ = await engine.snapshot(within: .seconds(1))
            #expect(engine.isReady)
            account.simulation.faults.add(.hang, to: .listBuckets, times: 1)
            try await time.sleep(until: .seconds(40))
            _ = await engine.snapshot(within: .seconds(1))
            #expect(await engine.isWorking)
            try await time.sleep(until: .seconds(240))
            #expect(await !engine.isWorking)
            _ = await engine.snapshot(within: .seconds(1))
            #expect(account.simulation.requests.count(.listBuckets) == 3)
            #expect(await !engine.isWorking, "the worker ends with the queue")
        }
    }
}

extension CollectionEngine {
    /// Stops and collects without suspension in between.
    fileprivate func stopWorkingAndCollect() async {
        stopWorking()
        await collect(within: .seconds(9.5))
    }

    fileprivate var isWorking: Bool { wake != nil }
}
