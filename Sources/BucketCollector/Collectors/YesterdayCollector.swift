package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// Each node's statistics of the UTC day before: the latest that is complete.
package struct YesterdayCollector: PerBucketCollector {
    package static let name = "yesterday"
    package static let summary = "Export each bucket's statistics of the day before by node."
    package static let endpoint = ReadBucketDailyStatistics.name
    package static let defaultLifetime = Duration.seconds(3600)

    package typealias Families = DailyFamilies
    package typealias Reading = DailyReading

    /// The value of the label `day`.
    private static let dayName = "yesterday"

    package init() {}

    package func read(_ bucketID: Identifier, _ context: ReadingContext) async throws(APIError) -> ReadingResult<Reading> {
        try await DailyReading.read(bucketID, day: UTCDay(context.time.now).previous, context)
    }

    /// At midnight what was read of yesterday speaks of the day before it.
    package func end(of reading: Reading) -> Date? { reading.day.next.next.start }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        reading.write(about: bucket, day: Self.dayName, to: &samples)
    }

    package func writeCommon(at now: Date, to samples: inout SampleWriter<Families>) {
        DailyReading.write(day: UTCDay(now).previous, called: Self.dayName, to: &samples)
    }
}
