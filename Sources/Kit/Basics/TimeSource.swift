package import FoundationEssentials

/// The two times that the program lives by: the calendar, which can be set, and a steady clock, which ages are measured with.
package struct TimeSource: Sendable {
    private let calendar: @Sendable () -> Date
    private let steady: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws(CancellationError) -> Void

    /// - Parameters:
    ///   - clock: the steady clock, from whose present moment ``uptime`` counts.
    ///   - now: the calendar.
    package init<Steady: Clock>(clock: Steady, now: @escaping @Sendable () -> Date) where Steady.Duration == Duration {
        let start = clock.now
        calendar = now
        steady = { start.duration(to: clock.now) }
        wait = { duration throws(CancellationError) in
            do { try await clock.sleep(for: duration) } catch { throw CancellationError() }
        }
    }

    /// The system's time.
    package static func system() -> TimeSource {
        TimeSource(clock: ContinuousClock()) { Date() }
    }

    /// The calendar's time, for timestamps and for the day.
    package var now: Date { calendar() }

    /// The steady time since this source was made.
    package var uptime: Duration { steady() }

    /// The calendar's time at which the steady time reaches a moment.
    package func date(at uptime: Duration) -> Date { now.addingTimeInterval((uptime - self.uptime).inSeconds) }

    /// Sleeps until the steady time reaches a moment.
    package func sleep(until uptime: Duration) async throws(CancellationError) {
        let remaining = uptime - self.uptime
        if remaining > .zero { try await wait(remaining) }
    }

    /// Runs an operation and tells how long it took.
    package func measure<Result>(
        isolation: isolated (any Actor)? = #isolation, _ operation: () async -> Result
    ) async -> (result: Result, duration: Duration) {
        let start = uptime
        let result = await operation()
        return (result, uptime - start)
    }
}

extension Duration {
    /// The duration as a number of seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
    /// The duration as a whole number of seconds, rounded up.
    package var wholeSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}
