package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// Each node's statistics of the UTC day that it is.
package struct DailyCollector: PerBucketCollector {
    package static let name = "daily"
    package static let summary = "Export each bucket's statistics of the day by node."
    package static let endpoint = ReadBucketDailyStatistics.name
    package static let defaultLifetime = Duration.seconds(300)

    package typealias Families = DailyFamilies
    package typealias Reading = DailyReading

    /// The value of the label `day`.
    private static let dayName = "today"

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        try await DailyReading.read(bucketID, day: UTCDay(context.time.now), context)
    }

    /// At midnight what was read of today speaks of yesterday.
    package func end(of reading: Reading) -> Date? { reading.day.next.start }

    package func summarize(_ observation: Observation<Reading>, isServable: Bool, in summary: inout BucketSummary) {
        guard isServable else { return }
        summary.uptimeToday = observation.reading.nodes.compactMap(\.uptimePercentage).max().map { $0 / 100 }
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        reading.write(about: bucket, day: Self.dayName, to: &samples)
    }

    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {
        DailyReading.write(day: UTCDay(now), called: Self.dayName, to: &samples)
    }
}
