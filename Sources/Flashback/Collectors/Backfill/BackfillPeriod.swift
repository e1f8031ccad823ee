internal import Exposition
package import FlashbackAPI

/// The past days that a backfill covers, and the times of its samples.
package struct BackfillPeriod: Sendable, Hashable {
    /// A day in seconds.
    package static let secondsPerDay = 86_400

    package let days: Range<UTCDay>
    /// Seconds between two samples. It divides a day, so that each day has its own samples.
    package let step: Int

    /// - Precondition: the step divides a day.
    package init(days: Range<UTCDay>, step: Int) {
        precondition(step > 0 && Self.secondsPerDay.isMultiple(of: step), "a day must have a whole number of samples")
        self.days = days
        self.step = step
    }

    /// The times of a day's samples.
    func timestamps(of day: UTCDay) -> OpenMetricsHistory.Timestamps {
        OpenMetricsHistory.Timestamps(
            stride(from: day.startSeconds, to: day.startSeconds + Self.secondsPerDay, by: step))
    }
}

/// The name under which a day's statistics are served, and when.
struct BackfilledDay: Sendable {
    /// See ``StatisticsDay/collectorName``.
    let collector: String
    /// The value of the label `day`.
    let label: String
    /// The number of days after which the day has this name.
    let delay: Int
    /// The families whose values are known at that time.
    let families: Set<DailyFamilies>

    /// A live exporter serves the values of the day so far. For a past day, only the final values are known; they are written for the whole
    /// day. The last probe is omitted, because for most of the day it would be in the future.
    static let today = BackfilledDay(
        collector: Today.collectorName, label: Today.label, delay: 0, families: [.uptime, .averageLatency, .day])

    /// The final values of the day before, exactly as a live exporter serves them.
    static let yesterday = BackfilledDay(
        collector: Yesterday.collectorName, label: Yesterday.label, delay: 1, families: Set(DailyFamilies.allCases))

    /// The days whose collectors are enabled.
    static func enabled(in configuration: CollectionConfiguration) -> [BackfilledDay] {
        let names = DailyFamilies.collectors(in: configuration)
        return [today, yesterday].filter { names.contains($0.collector) }
    }

    /// The days whose statistics are served under this name in a period.
    func days(in period: BackfillPeriod) -> Range<UTCDay> {
        period.days.lowerBound.advanced(by: -delay)..<period.days.upperBound.advanced(by: -delay)
    }
}
