internal import Basics
package import Exposition
package import FlashbackAPI

/// Which buckets a new repository could use. This does not reflect their health.
package struct AvailableCollector: AccountCollector {
    package static let name = "available"
    package static let summary = "Export which buckets can be attached to a new repository."
    package static let endpoint = ListAvailableBuckets.name
    package static let defaultLifetime = Duration.seconds(300)

    package enum Families: Int, MetricFamilySet {
        case available

        package var family: MetricFamily {
            MetricFamily(
                "flashback_bucket_available", .gauge,
                help: "Whether the bucket can be attached to a new repository (1) or is used by one in MIRROR mode (0).",
                labelNames: ListedBucket.labelNames)
        }
    }

    /// The identifiers of the available buckets.
    package struct Answer: Sendable {
        let ids: Set<Identifier>
        /// Whether all rows could be read. An unreadable row could belong to any bucket.
        let isComplete: Bool
    }

    /// Whether the bucket is available.
    package typealias Reading = Bool

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        let rows = try await context.client.send(ListAvailableBuckets())
        var dropped = DroppedRows(unreadIn: rows)
        let buckets = dropped.merge(rows.rows, by: \.id) { _, _ in false }
        return ReadingResult(
            Answer(ids: Set(buckets.map(\.id)), isComplete: rows.malformedRows == 0), dropped: dropped)
    }

    package func reading(
        about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool
    ) -> Reading? {
        if answer.ids.contains(bucket.id) { return true }
        return answer.isComplete && wasListedBefore ? false : nil
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        samples.append(.available, bucket.labels, value: SampleValue(reading))
    }
}
