package import FoundationEssentials

/// The program's two clocks: the calendar, which can be adjusted, and a steady clock for measuring ages.
package struct TimeSource: Sendable {
    private let calendar: @Sendable () -> Date
    private let steady: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws(CancellationError) -> Void

    /// - Parameters:
    ///   - clock: the steady clock; ``uptime`` counts from its current time.
    ///   - now: the calendar.
    package init<Steady: Clock>(clock: Steady, now: @escaping @Sendable () -> Date) where Steady.Duration == Duration {
        let start = clock.now
        calendar = now
        steady = { start.duration(to: clock.now) }
        wait = { duration throws(CancellationError) in
            do { try await clock.sleep(for: duration) } catch { throw CancellationError() }
        }
    }

    /// The system's clocks.
    package static func system() -> TimeSource {
        TimeSource(clock: ContinuousClock()) { Date() }
    }

    /// The calendar time, for timestamps and dates.
    package var now: Date { calendar() }

    /// The steady time since this source was created.
    package var uptime: Duration { steady() }

    /// The calendar time that corresponds to a steady time.
    package func date(at uptime: Duration) -> Date { now.addingTimeInterval((uptime - self.uptime).inSeconds) }

    /// Sleeps until a steady time.
    package func sleep(until uptime: Duration) async throws(CancellationError) {
        let remaining = uptime - self.uptime
        if remaining > .zero { try await wait(remaining) }
    }

    /// Runs an operation and measures its duration.
    package func measure<Result>(
        isolation: isolated (any Actor)? = #isolation, _ operation: () async -> Result
    ) async -> (result: Result, duration: Duration) {
        let start = uptime
        let result = await operation()
        return (result, uptime - start)
    }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
    /// The duration in whole seconds, rounded up.
    package var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}
