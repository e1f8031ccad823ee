import Basics
import FlashbackAPI
import Foundation
import TestSupport
import Testing

/// The resulting rate under all kinds of limits, for exporters that always have requests waiting. The seeds make every run the same.
/// `PACE_TABLE=1` prints a row of results for each case.
@Suite struct PaceSimulationTests {
    /// The seconds in which the rate has settled.
    private static let settled = 100..<250

    @Test(
        arguments: [(1, 0.85), (10, 0.96), (100, 0.97)] as [(Double, Double)], [true, false])
    func hardLimitIsNearlyUsedUpWithFewRefusals(_ limit: (rate: Double, used: Double), namesRetryAfter: Bool) async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(rate: limit.rate))
        simulation.duration = .seconds(250)
        simulation.namesRetryAfter = namesRetryAfter
        let name = "\(limit.rate) a second" + (namesRetryAfter ? "" : ", no Retry-After")
        let outcome = try await run(simulation, as: name, Self.settled, limit.rate)
        #expect(outcome.made(Self.settled) >= limit.used * limit.rate)
        #expect(outcome.refusedShare(Self.settled) < (limit.rate < 10 ? 0.05 : 0.02))
        #expect(outcome.violations == 0)
    }

    @Test func limitOfThousandPerSecondIsUsed() async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(rate: 1000))
        simulation.duration = .seconds(40)
        let outcome = try await run(simulation, as: "1000 a second", 10..<40, 1000)
        #expect(outcome.made(10..<40) >= 930)
        #expect(outcome.refusedShare(10..<40) < 0.005)
        #expect(outcome.violations == 0)
    }

    @Test(
        arguments: [.fixedWindow, .slidingWindow, .tokenBucket(capacity: 1)] as [SimulatedLimit.Form], [10, 50] as [Double])
    func everyFormOfLimitIsNearlyUsedUp(_ form: SimulatedLimit.Form, rate: Double) async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(form, rate: rate))
        simulation.duration = .seconds(350)
        let outcome = try await run(simulation, as: "\(rate) a second, \(form)", 150..<350, rate)
        #expect(outcome.made(150..<350) >= 0.84 * rate)
        #expect(outcome.refusedShare(150..<350) < 0.02)
        #expect(outcome.violations == 0)
    }

    @Test func quotaPerMinuteIsUsedUp() async throws {
        let simulation = PaceSimulation(limit: SimulatedLimit(.fixedMinute, rate: 10))
        let outcome = try await run(simulation, as: "600 a minute", 240..<600, 10)
        #expect(outcome.made(240..<600) >= 9.3)
        #expect(outcome.refusedShare(240..<600) < 0.01)
        #expect(outcome.violations == 0)
    }

    @Test(arguments: [true, false])
    func savedTokensAreSpentOnce(namesRetryAfter: Bool) async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(.tokenBucket(capacity: 100), rate: 20))
        simulation.duration = .seconds(250)
        simulation.namesRetryAfter = namesRetryAfter
        let name = "20 a second, bursts of 100" + (namesRetryAfter ? "" : ", no Retry-After")
        let outcome = try await run(simulation, as: name, Self.settled, 20)
        #expect(outcome.made(Self.settled) >= 0.97 * 20)
        #expect(outcome.refusedShare(Self.settled) < 0.02)
        #expect(outcome.violations == 0)
    }

    @Test(arguments: [(10, 0.25), (60, 0.1)] as [(Double, Double)])
    func slowAnswersDoNotChangeThePace(rate: Double, seconds: Double) async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(rate: rate))
        simulation.duration = .seconds(250)
        simulation.latency = .seconds(seconds)
        let outcome = try await run(simulation, as: "\(rate) a second, answers in \(seconds) s", Self.settled, rate)
        #expect(outcome.made(Self.settled) >= 0.95 * rate)
        #expect(outcome.refusedShare(Self.settled) < 0.02)
    }

    @Test func paceFollowsAMovingLimit() async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(rate: 100))
        simulation.changes = [(.seconds(200), 20), (.seconds(400), 200)]
        let outcome = try await run(simulation, as: "100 a second, then 20, then 200", 300..<400, 20)
        #expect(outcome.made(100..<200) >= 95)
        let secondsToLess = try #require(outcome.timeToRefuseLess(than: 0.02, in: 200..<400))
        #expect(secondsToLess <= 60)
        #expect(outcome.made(300..<400) >= 19)
        let secondsToMore = try #require(outcome.timeToReach(200, in: 400..<600))
        #expect(secondsToMore <= 130)
        #expect(outcome.violations == 0)
    }

    @Test(
        arguments: [
            (0.001, 110), (0.002, 60), (0.005, 22), (0.01, 8), (0.02, 3.5), (0.05, 5),
        ] as [(Double, Double)])
    func randomRefusalsDoNotStopTheExporter(_ refusals: (share: Double, least: Double)) async throws {
        var simulation = PaceSimulation()
        simulation.randomShare = refusals.share
        simulation.duration = .seconds(refusals.share < 0.005 ? 300 : 1200)
        let period = 100..<Int(simulation.duration.inSeconds)
        let outcome = try await run(simulation, as: "\(refusals.share * 100) % at random", period, nil)
        #expect(outcome.made(period) >= refusals.least)
        #expect(outcome.violations == 0)
    }

    @Test(
        arguments: [(.tokenBucket(), 10), (.tokenBucket(), 50), (.fixedWindow, 50)] as [(SimulatedLimit.Form, Double)])
    func twoExportersShareALimitFairly(_ limit: (form: SimulatedLimit.Form, rate: Double)) async throws {
        var simulation = PaceSimulation(limit: SimulatedLimit(limit.form, rate: limit.rate))
        simulation.exporters = 2
        simulation.stagger = .seconds(100)
        simulation.duration = .seconds(900)
        let outcome = try await run(simulation, as: "\(limit.rate) a second for two, \(limit.form)", 300..<900, limit.rate)
        #expect(outcome.made(300..<900) >= (limit.form == .fixedWindow ? 0.8 : 0.95) * limit.rate)
        for exporter in outcome.exporters { #expect(exporter.made(300..<900) >= 0.33 * limit.rate) }
        #expect(outcome.refusedShare(300..<900) < 0.05)
        #expect(outcome.violations == 0)
    }

    private func run(
        _ simulation: PaceSimulation, as name: String, _ period: Range<Int>, _ rate: Double?
    ) async throws -> PaceSimulation.Outcome {
        let outcome = try await simulation.run()
        if ProcessInfo.processInfo.environment["PACE_TABLE"] != nil {
            let settled = rate.flatMap { outcome.timeToReach($0, in: 0..<period.upperBound) }.map { "\($0) s" } ?? "-"
            let made = outcome.exporters.map { String(format: "%.2f", $0.made(period)) }.joined(separator: " + ")
            let refused = String(format: "%.2f %%", outcome.refusedShare(period) * 100)
            print("| \(name) | \(made) | \(refused) | \(settled) |")
        }
        return outcome
    }
}
