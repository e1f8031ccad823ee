import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// Probes and discovery before the first list: they wait for the list, and for nothing else.
@Suite struct TargetsTests {
    /// Runs the engine of an account whose requests take 1.5 s each, one after the other, so that a cycle takes minutes.
    private func running(
        _ body: @escaping @Sendable (ManualTime, SimulatedAccount, CollectionEngine) async throws -> Void
    ) async throws {
        try await SimulatedTime.run { time in
            let account = try SimulatedAccount(buckets: 40, latency: .milliseconds(1500), concurrency: 1, time: time)
            for node in account.simulation.nodes { account.simulation.setStatus("ONLINE", ofNode: node.ip) }
            let engine = account.engine()
            let service = Task { try await engine.run() }
            try await body(time, account, engine)
            service.cancel()
            try await service.value
        }
    }

    @Test func lookUpEndsWithTheList() async throws {
        try await running { time, account, engine in
            let bucket = Identifier(account.simulation.buckets[7].id)
            #expect(await engine.lookUp(bucket, within: .seconds(8)) == .listed)
            #expect(time.uptime == .milliseconds(1500))
            #expect(await engine.lookUp(Identifier("unknown"), within: .seconds(8)) == .unlisted)
            #expect(time.uptime == .milliseconds(1500))
        }
    }

    @Test func discoveryEndsWithTheList() async throws {
        try await running { time, _, engine in
            #expect(await engine.targets(within: .seconds(8))?.count == 40)
            #expect(time.uptime == .milliseconds(1500))
        }
    }

    @Test func firstProbeHasTimeForItsRequest() async throws {
        try await running { time, account, engine in
            let prober = BucketProber(client: account.client, time: time.source, logger: account.log.logger)
            let bucket = Identifier(account.simulation.buckets[7].id)
            #expect(await engine.lookUp(bucket, within: .seconds(8)) == .listed)
            let result = await prober.probe(bucket, within: .seconds(8) - time.uptime, ProbeLimits())
            #expect(result.failure == nil)
            #expect(time.uptime < .seconds(6))
        }
    }

    @Test func lookUpEndsWithAFailedList() async throws {
        try await running { time, account, engine in
            account.simulation.faults.add(.status(403), to: .listBuckets)
            #expect(await engine.lookUp(Identifier("any"), within: .seconds(8)) == .unknown)
            #expect(time.uptime == .milliseconds(1500))
            // The next request is not due yet.
            #expect(await engine.lookUp(Identifier("any"), within: .seconds(8)) == .unknown)
            #expect(await engine.targets(within: .seconds(8)) == nil)
            #expect(time.uptime == .milliseconds(1500))
            account.simulation.faults.removeAll()
            try await time.sleep(until: .seconds(40))
            #expect(await engine.targets(within: .seconds(8))?.count == 40)
            #expect(time.uptime < .seconds(44))
        }
    }

    @Test func lookUpEndsAtItsDeadlineWhileTheListHangs() async throws {
        try await running { time, account, engine in
            account.simulation.setOutage(.hanging)
            #expect(await engine.lookUp(Identifier("any"), within: .seconds(8)) == .unknown)
            #expect(time.uptime == .seconds(8))
        }
    }
}
