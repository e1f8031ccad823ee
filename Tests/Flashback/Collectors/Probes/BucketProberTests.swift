import Basics
import Exposition
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite struct BucketProberTests {
    /// A prober of a simulated account in which all nodes reach all buckets.
    struct World {
        let account: SimulatedAccount
        let prober: BucketProber

        init(_ time: ManualTime, buckets: Int = 3, _ settings: SimulatedAccount.Settings = .init()) throws {
            var configuration = SimulatorConfiguration()
            configuration.buckets = buckets
            configuration.hasIllBucket = false
            account = try SimulatedAccount(configuration, settings, time: time)
            for node in account.simulation.nodes { account.simulation.setStatus("ONLINE", ofNode: node.ip) }
            prober = BucketProber(client: account.client, time: time.source, logger: account.log.logger)
        }

        func id(_ number: Int) -> Identifier { Identifier(account.simulation.buckets[number].id) }

        func probe(
            _ number: Int, within timeout: Duration = .seconds(10), concurrency: Int = 4, interval: Duration = .seconds(30)
        ) async -> ProbeResult {
            var limits = ProbeLimits()
            limits.concurrency = concurrency
            limits.interval = interval
            return await prober.probe(id(number), within: timeout, limits)
        }

        var validations: [SimulatedRequest] { account.simulation.requests.all.filter { $0.endpoint == .validateBucket } }
    }

    private func exposition(_ result: ProbeResult) throws -> ParsedExposition {
        try ParsedExposition(MetricSnapshot(result.rendered()).body(in: .text).bytes)
    }

    @Test func reachableBucketIsASuccess() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.faults.add(.delay(.seconds(2)), to: .validateBucket)
            let page = try exposition(await world.probe(0))
            #expect(page.value("probe_success") == 1)
            #expect(page.value("probe_duration_seconds") == 2)
            #expect(try #require(page.value("probe_latency_seconds")) < 1)
            #expect(page.value("probe_status", ["status": "online"]) == 1)
            #expect(page.samples("probe_status").map(\.value).sorted() == [0, 0, 0, 1])
            #expect(page.value("probe_sent_timestamp_seconds") == time.now.timeIntervalSince1970 - 2)
            #expect(page.samples("probe_failure_info").isEmpty)
            #expect(world.validations.map(\.target) == ["/bucket/\(world.id(0))/validate"])
        }
    }

    @Test func onlyTheCurrentStatusIsWrittenIfSelected() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            let result = await world.probe(0)
            let page = try ParsedExposition(MetricSnapshot(result.rendered(states: .current)).body(in: .text).bytes)
            #expect(page.samples("probe_status").map(\.labels) == [["status": "online"]])
            #expect(page.value("probe_success") == 1)
        }
    }

    static let faults: [(SimulatedFault, ProbeFailure)] = [
        (.status(400), .validationFailed), (.unsuccessful, .validationFailed), (.status(401), .unauthorized),
        (.status(403), .forbidden), (.status(404), .notFound), (.status(418), .unexpectedAnswer), (.status(429), .throttled),
        (.status(500), .serverError), (.badGatewayPage, .serverError), (.status(503, retryAfter: "9"), .throttled),
        (.emptyBody(), .unexpectedAnswer), (.truncatedJSON, .unexpectedAnswer), (.brokenOff, .connection), (.hang, .timeout),
    ]

    @Test(arguments: faults.indices)
    func everyResponseIsAResultOfOneRequest(_ index: Int) async throws {
        let (fault, failure) = Self.faults[index]
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.faults.add(fault, to: .validateBucket)
            let result = await world.probe(0, within: .seconds(7))
            #expect(result.failure == failure)
            #expect(world.validations.count == 1)
            let page = try exposition(result)
            #expect(page.value("probe_success") == 0)
            #expect(page.value("probe_failure_info", ["reason": failure.rawValue]) == 1)
            #expect(page.value("probe_duration_seconds") == (failure == .timeout ? 7 : 0))
            #expect(page.value("probe_sent_timestamp_seconds") != nil)
        }
    }

    @Test func messageOfTheAPIAppearsOnlyInTheLog() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.setValidationFailure("secret-words", ofBucket: world.id(0).text)
            let result = await world.probe(0)
            #expect(result.failure == .validationFailed)
            let text = String(decoding: MetricSnapshot(result.rendered()).body(in: .openMetrics).bytes, as: UTF8.self)
            #expect(!text.contains("secret-words"))
            #expect(world.account.log.lines(with: "secret-words").count == 1)
        }
    }

    @Test func concurrentCallersShareOneProbe() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.faults.add(.delay(.seconds(3)), to: .validateBucket)
            let results = await withTaskGroup(of: ProbeResult.self) { group in
                for second in 0..<3 {
                    for _ in 0..<5 {
                        group.addTask {
                            try? await time.sleep(until: .seconds(second))
                            return await world.probe(0)
                        }
                    }
                }
                return await group.reduce(into: [ProbeResult]()) { $0.append($1) }
            }
            #expect(results.count == 15 && results.allSatisfy { $0.failure == nil && $0.duration == .seconds(3) })
            #expect(world.validations.count == 1)
            #expect(time.uptime == .seconds(3))
        }
    }

    @Test func cancelledCallerLeavesTheResultToTheOthers() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.faults.add(.delay(.seconds(3)), to: .validateBucket)
            let first = Task { await world.probe(0) }
            try await time.sleep(until: .seconds(1))
            let second = Task { await world.probe(0) }
            try await time.sleep(until: .seconds(2))
            first.cancel()
            _ = await first.value
            #expect(time.uptime == .seconds(2))
            #expect(await second.value.failure == nil)
            #expect(world.validations.count == 1)
        }
    }

    @Test func latestResultIsRepeatedWithinTheInterval() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            let first = await world.probe(0)
            world.account.simulation.setValidationFailure("no", ofBucket: world.id(0).text)
            try await time.sleep(until: .milliseconds(29_999))
            let again = await world.probe(0)
            #expect(again.failure == nil && again.sentAt == first.sentAt)
            #expect(world.validations.count == 1)
            try await time.sleep(until: .seconds(30))
            #expect(await world.probe(0).failure == .validationFailed)
            try await time.sleep(until: .seconds(50))
            #expect(await world.probe(0).failure == .validationFailed)
            #expect(world.validations.count == 2)
            // A reload may have changed the interval.
            #expect(await world.probe(0, interval: .seconds(20)).failure == .validationFailed)
            #expect(world.validations.count == 3)
            // Another bucket is not affected.
            #expect(await world.probe(1).failure == nil)
        }
    }

    @Test(
        arguments: [(3, 16, 3), (8, 6, 3), (4, 1, 1)])
    func concurrentProbesKeepToTheirLimitAndHalfOfTheBudget(_ limit: Int, _ budget: Int, _ expected: Int) async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.concurrency = budget
            let world = try World(time, buckets: 12, settings)
            world.account.simulation.faults.add(.delay(.seconds(1)), to: .validateBucket)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    group.addTask { #expect(await world.probe(number, within: .seconds(60), concurrency: limit).failure == nil) }
                }
            }
            #expect(world.account.simulation.requests.maximumInFlight == expected)
            #expect(time.uptime == .seconds(12 / expected))
        }
    }

    @Test func probeWithoutAPlaceMakesNoRequestAndDelaysNoOther() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            let fault = world.account.simulation.faults.add(.hang, to: .validateBucket)
            let hanging = Task { await world.probe(0, within: .seconds(20), concurrency: 1) }
            try await time.sleep(until: .seconds(1))
            let result = await world.probe(1, within: .seconds(3), concurrency: 1)
            #expect(result.failure == .busy && result.sentAt == nil && time.uptime == .seconds(4))
            #expect(world.validations.count == 1)
            #expect(await world.probe(2, within: .zero, concurrency: 9).failure == .busy)
            #expect(await hanging.value.failure == .timeout)
            #expect(time.uptime == .seconds(20))
            world.account.simulation.faults.remove(fault)
            #expect(await world.probe(1, concurrency: 1).failure == nil)
        }
    }

    @Test func callerWithMoreTimeGetsItsOwnProbe() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            let fault = world.account.simulation.faults.add(.hang, to: .validateBucket, times: 1)
            let hanging = Task { await world.probe(0, within: .seconds(10), concurrency: 1) }
            try await time.sleep(until: .seconds(1))
            let hasty = Task { await world.probe(1, within: .seconds(2), concurrency: 1) }
            try await time.sleep(until: .seconds(2))
            #expect(await world.probe(1, within: .seconds(20), concurrency: 1).failure == nil)
            #expect(await hasty.value.failure == .busy)
            #expect(await hanging.value.failure == .timeout)
            #expect(time.uptime == .seconds(10) && world.account.simulation.faults.remaining(fault) == 0)
        }
    }

    @Test func probeWithoutAPlaceInTheBudgetMakesNoRequest() async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.concurrency = 1
            let world = try World(time, settings)
            let place = try await world.account.client.budget.acquire(until: .seconds(60))
            #expect(await world.probe(0, within: .seconds(5)).failure == .busy)
            #expect(time.uptime == .seconds(5) && world.validations.isEmpty)
            world.account.client.budget.release(place, isSuccess: true)
            #expect(await world.probe(0, within: .seconds(5)).failure == nil)
        }
    }

    @Test func probesRespectThePauseAndStartNoIntervalDuringIt() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            world.account.simulation.faults.add(.status(429, retryAfter: "60"), to: .validateBucket, times: 1)
            #expect(await world.probe(0).failure == .throttled)
            let refused = await world.probe(1)
            #expect(refused.failure == .throttled && refused.sentAt == nil && time.uptime == .zero)
            #expect(world.validations.count == 1)
            try await time.sleep(until: .seconds(60))
            #expect(await world.probe(1).failure == nil)
            #expect(await world.probe(0).failure == nil)
        }
    }

    @Test(arguments: [1, 2, 16])
    func hangingProbesDoNotDelayTheCollection(_ concurrency: Int) async throws {
        try await SimulatedTime.run { time in
            var settings = SimulatedAccount.Settings()
            settings.concurrency = concurrency
            let world = try World(time, buckets: 40, settings)
            world.account.simulation.faults.add(.delay(.milliseconds(100)), to: .validateBucket)
            let probes = Task {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<40 { group.addTask { _ = await world.probe(number, within: .seconds(300)) } }
                }
            }
            let engine = world.account.engine { $0.collectors = ["buckets", "status"] }
            let page = try await engine.scrape(within: .seconds(10))
            #expect(page.samples("flashback_bucket_collector_success", ["collector": "status"]).count == 40)
            await probes.value
            #expect(world.validations.count == 40)
        }
    }

    @Test func probesAreCountedByResult() async throws {
        try await SimulatedTime.run { time in
            let world = try World(time)
            #expect(await world.prober.rendered().isEmpty)
            world.account.simulation.faults.add(.status(403), to: .validateBucket, bucket: world.id(1).text)
            for number in [0, 0, 1, 2] { _ = await world.probe(number) }
            let page = try ParsedExposition(MetricSnapshot(await world.prober.rendered()).body(in: .text).bytes)
            #expect(page.samples("flashback_exporter_probes_total").count == 1 + ProbeFailure.allCases.count)
            #expect(page.value("flashback_exporter_probes_total", ["result": "success"]) == 2)
            #expect(page.value("flashback_exporter_probes_total", ["result": "forbidden"]) == 1)
            #expect(page.value("flashback_exporter_probes_total", ["result": "busy"]) == 0)
        }
    }
}
