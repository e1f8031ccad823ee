internal import Basics
import FlashbackAPI
import NIOConcurrencyHelpers

/// Exporters that have more to ask than a simulated API answers, in a test's time: what their request budgets make of its limit.
package struct PaceSimulation: Sendable {
    /// The API's limit; nil for none.
    package var limit: SimulatedLimit?
    /// Rates that the limit takes later, in requests a second.
    package var changes: [(at: Duration, rate: Double)] = []
    /// The share of requests that are refused whatever their rate is.
    package var randomShare = 0.0
    /// Whether a refusal says in how many whole seconds to come back.
    package var namesRetryAfter = true
    /// How long an answer takes, give or take a quarter.
    package var latency = Duration.milliseconds(2)
    package var concurrency = 16
    package var exporters = 1
    /// How much later each exporter starts than the one before.
    package var stagger = Duration.zero
    package var duration = Duration.seconds(600)
    package var seed: UInt64 = 1

    package init(limit: SimulatedLimit? = nil) {
        self.limit = limit
    }

    /// The requests as the API saw them.
    package struct Outcome: Sendable {
        fileprivate(set) package var exporters: [Exporter]

        /// Requests that were made although an answer had asked to be left alone.
        package var violations: Int { exporters.reduce(0) { $0 + $1.violations } }

        /// Requests that were let through, a second, of all exporters together.
        package func made(_ period: Range<Int>) -> Double { exporters.reduce(0) { $0 + $1.made(period) } }

        /// The share of requests that were refused.
        package func refusedShare(_ period: Range<Int>) -> Double {
            let refused = exporters.reduce(0) { $0 + $1.refused[period].reduce(0, +) }
            let made = exporters.reduce(0) { $0 + $1.made[period].reduce(0, +) }
            return Double(refused) / Double(max(1, refused + made))
        }

        /// After how many seconds of a period requests are made at nine tenths of a rate for the first time, averaged over 10 s;
        /// nil if they never are.
        package func timeToReach(_ rate: Double, in period: Range<Int>) -> Int? {
            period.dropLast(9).first { made($0..<$0 + 10) >= 0.9 * rate }.map { $0 - period.lowerBound }
        }

        /// After how many seconds of a period less than a share is refused, averaged over 10 s; nil if that never happens.
        package func timeToRefuseLess(than share: Double, in period: Range<Int>) -> Int? {
            period.dropLast(9).first { refusedShare($0..<$0 + 10) < share }.map { $0 - period.lowerBound }
        }
    }

    /// The requests of one exporter as the API saw them, by second.
    package struct Exporter: Sendable {
        fileprivate(set) package var made: [Int]
        fileprivate(set) package var refused: [Int]
        fileprivate(set) package var violations = 0
        fileprivate var quietUntil = Duration.zero

        /// Requests that were let through, a second.
        package func made(_ period: Range<Int>) -> Double { Double(made[period].reduce(0, +)) / Double(period.count) }
    }

    fileprivate struct World {
        var limit: SimulatedLimit?
        var changes: ArraySlice<(at: Duration, rate: Double)>
        var random: SeededGenerator
        var outcome: Outcome
    }

    package func run() async throws -> Outcome {
        try await SimulatedTime.run { [self] time in
            let seconds = Int(duration.inSeconds)
            let quiet = Exporter(made: Array(repeating: 0, count: seconds), refused: Array(repeating: 0, count: seconds))
            let world = NIOLockedValueBox(
                World(
                    limit: limit, changes: changes[...], random: SeededGenerator(seed: seed),
                    outcome: Outcome(exporters: Array(repeating: quiet, count: exporters))))
            try await withThrowingTaskGroup { group in
                for exporter in 0..<exporters {
                    let budget = RequestBudget(limit: concurrency, time: time.source) {
                        world.withLockedValue { Double.random(in: 0...1, using: &$0.random) }
                    }
                    for _ in 0..<concurrency {
                        group.addTask {
                            try await time.sleep(until: stagger * exporter)
                            try await ask(as: exporter, by: budget, world, time)
                        }
                    }
                }
                try await group.waitForAll()
            }
            return world.withLockedValue { $0.outcome }
        }
    }

    /// Makes one request after the other until the time is over.
    private func ask(
        as exporter: Int, by budget: RequestBudget, _ world: NIOLockedValueBox<World>, _ time: ManualTime
    ) async throws {
        while true {
            let place = try await budget.acquire(until: .seconds(1_000_000))
            if time.uptime >= duration { return budget.returnUnused(place) }
            let (retryAfter, latency) = world.withLockedValue { $0.receive(at: time.uptime, from: exporter, self) }
            try await time.sleep(for: latency)
            if let retryAfter {
                let pause: Duration? = namesRetryAfter ? .seconds(max(1, retryAfter.rounded(.up))) : nil
                world.withLockedValue { world in
                    let end = time.uptime + (pause ?? .zero)
                    world.outcome.exporters[exporter].quietUntil = max(world.outcome.exporters[exporter].quietUntil, end)
                }
                budget.releaseThrottled(place, retryAfter: pause)
            } else {
                budget.release(place, isSuccess: true)
            }
        }
    }
}

extension PaceSimulation.World {
    /// - Returns: in how many seconds a refused request may be made again, nil for one that is let through; and how long the answer
    ///   takes.
    fileprivate mutating func receive(
        at now: Duration, from exporter: Int, _ simulation: PaceSimulation
    ) -> (retryAfter: Double?, latency: Duration) {
        while let change = changes.first, change.at <= now {
            limit?.rate = change.rate
            changes.removeFirst()
        }
        var retryAfter = limit?.admit(at: now)
        if retryAfter == nil, Double.random(in: 0..<1, using: &random) < simulation.randomShare { retryAfter = 1 }
        let second = Int(now.inSeconds)
        if retryAfter == nil {
            outcome.exporters[exporter].made[second] += 1
        } else {
            outcome.exporters[exporter].refused[second] += 1
        }
        if now < outcome.exporters[exporter].quietUntil { outcome.exporters[exporter].violations += 1 }
        return (retryAfter, simulation.latency * Double.random(in: 0.75..<1.25, using: &random))
    }
}
