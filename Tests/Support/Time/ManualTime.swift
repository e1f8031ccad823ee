package import Basics
internal import FlashbackAPI
package import Foundation
package import TestTools

/// A steady clock and a calendar that a test advances together.
package struct ManualTime: Sendable {
    package let clock: ManualClock
    /// The time source for the exporter's parts. There is only one, so that all of them count from the same moment.
    package let source: TimeSource

    /// - Parameter start: the calendar time at which the test begins.
    package init(start: Date = Date(timeIntervalSince1970: 1_705_314_600)) {  // 2024-01-15T10:30:00Z
        let clock = ManualClock()
        self.clock = clock
        let origin = clock.now
        source = TimeSource(clock: clock) {
            let (seconds, attoseconds) = origin.duration(to: clock.now).components
            return start.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
        }
    }

    /// The calendar time.
    package var now: Date { source.now }

    /// The steady time since the test began.
    package var uptime: Duration { source.uptime }

    package func advance(by duration: Duration) { clock.advance(by: duration) }

    /// Sleeps until a steady time.
    package func sleep(until uptime: Duration) async throws { try await source.sleep(until: uptime) }

    package func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }
}
