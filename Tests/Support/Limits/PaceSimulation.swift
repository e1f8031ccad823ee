internal import Basics
import FlashbackAPI
import NIOConcurrencyHelpers

/// Exporters that have more requests than a simulated API allows, on a test's time, to show how their request budgets use its limit.
package struct PaceSimulation: Sendable {
    /// The API's limit; nil for none.
    package var limit: SimulatedLimit?
    /// Rates to which the limit changes later, in requests per second.
    package var changes: [(at: Duration, rate: Double)] = []
    /// The share of requests that are throttled at any rate.
    package var randomShare = 0.0
    /// Whether a throttling answer has a Retry-After in whole seconds.
    package var namesRetryAfter = true
    /// The duration of an answer, plus or minus a quarter.
    package var latency = Duration.milliseconds(2)
    package var concurrency = 16
    package var exporters = 1
    /// The delay between the starts of consecutive exporters.
    package var stagger = Duration.zero
    package var duration = Duration.seconds(600)
    package var seed: UInt64 = 1

    package init(limit: SimulatedLimit? = nil) {
        self.limit = limit
    }

    /// The requests as seen by the API.
    package struct Outcome: Sendable {
        fileprivate(set) package var exporters: [Exporter]

        /// Requests made during a pause that an answer had asked for.
        package var violations: Int { exporters.reduce(0) { $0 + $1.violations } }

        /// Admitted requests per second, of all exporters together.
        package func made(_ period: Range<Int>) -> Double { exporters.reduce(0) { $0 + $1.made(period) } }

        /// The share of throttled requests.
        package func refusedShare(_ period: Range<Int>) -> Double {
            let refused = exporters.reduce(0) { $0 + $1.refused[period].reduce(0, +) }
            let made = exporters.reduce(0) { $0 + $1.made[period].reduce(0, +) }
            return Double(refused) / Double(max(1, refused + made))
        }

        /// The number of seconds in a period until the rate first reaches nine tenths of a given rate, averaged over 10 s; nil if it never
        /// does.
        package func timeToReach(_ rate: Double, in period: Range<Int>) -> Int? {
            period.dropLast(9).first { made($0..<$0 + 10) >= 0.9 * rate }.map { $0 - period.lowerBound }
        }

        /// The number of seconds in a period until less than a share is throttled, averaged over 10 s; nil if that never happens.
        package func timeToRefuseLess(than share: Double, in period: Range<Int>) -> Int? {
            period.dropLast(9).first { refusedShare($0..<$0 + 10) < share }.map { $0 - period.lowerBound }
        }
    }

    /// The requests of one exporter as seen by the API, by second.
    package struct Exporter: Sendable {
        fileprivate(set) package var made: [Int]
        fileprivate(set) package var refused: [Int]
        fileprivate(set) package var violations = 0
        fileprivate var quietUntil = Duration.zero

        /// Admitted requests per second.
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
    /// - Returns: the number of seconds until a throttled request may be repeated, nil for an admitted one; and the duration of the answer.
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
