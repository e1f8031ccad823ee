internal import Basics
package import Exposition
package import FlashbackAPI

/// Each bucket's traffic through Flashback's nodes since it was created.
package struct TotalsCollector: AccountCollector {
    package static let name = "totals"
    package static let summary = "Export each bucket's traffic totals."
    package static let endpoint = ListBucketTotals.name
    package static let defaultLifetime = Duration.seconds(30)

    package enum Families: Int, MetricFamilySet {
        case requests, uploadBytes, downloadBytes, sizeChange, regressions

        package var family: MetricFamily {
            switch self {
            case .requests:
                MetricFamily(
                    "flashback_bucket_requests_total", .counter,
                    help: "Operations on the bucket through Flashback's nodes; from the field totalCount.",
                    labelNames: ListedBucket.labelNames)
            case .uploadBytes:
                MetricFamily(
                    "flashback_bucket_upload_bytes_total", .counter, unit: .bytes,
                    help: "Bytes uploaded to the bucket through Flashback's nodes; from the field totalUploadBytes.",
                    labelNames: ListedBucket.labelNames)
            case .downloadBytes:
                MetricFamily(
                    "flashback_bucket_download_bytes_total", .counter, unit: .bytes,
                    help: "Bytes downloaded from the bucket through Flashback's nodes; from the field totalDownloadBytes.",
                    labelNames: ListedBucket.labelNames)
            case .sizeChange:
                MetricFamily(
                    "flashback_bucket_size_change_bytes", .gauge, unit: .bytes,
                    help:
                        "Bytes written minus bytes deleted through Flashback's nodes, may be negative; from the field totalSizeChange.",
                    labelNames: ListedBucket.labelNames)
            case .regressions:
                MetricFamily(
                    "flashback_bucket_totals_regressions_total", .counter,
                    help:
                        "How often a total of the bucket decreased and its previous value was kept, until three consecutive readings were lower.",
                    labelNames: ListedBucket.labelNames)
            }
        }
    }

    /// The answer's rows by bucket.
    package struct Answer: Sendable {
        let rows: [Identifier: BucketTotals]
        /// Whether all rows could be read. An unreadable row could belong to any bucket.
        let isComplete: Bool
    }

    package typealias Reading = SettledTotals

    package init() {}

    package func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<Answer> {
        let rows = try await context.client.send(ListBucketTotals())
        var dropped = DroppedRows(unreadIn: rows)
        // Operation counts only grow, so of two rows for one bucket, the row with more operations is newer.
        let rowsOfShard = rows.rows.filter { context.selection.mayInclude($0.bucketID) }
        let totals = dropped.merge(rowsOfShard, by: \.bucketID) { ($0.requests ?? -1) > ($1.requests ?? -1) }
        let answer = Answer(
            rows: Dictionary(uniqueKeysWithValues: totals.map { ($0.bucketID, $0) }), isComplete: rows.malformedRows == 0)
        return ReadingResult(answer, dropped: dropped)
    }

    /// Buckets without traffic are missing from the answer. A missing bucket counts as one without traffic only if the whole
    /// answer could be read and the bucket was listed before the request.
    package func omits(_ bucket: ListedBucket, in answer: Answer, wasListedBefore: Bool) -> Bool {
        answer.rows[bucket.id] == nil && (!answer.isComplete || !wasListedBefore)
    }

    package func reading(
        about bucket: ListedBucket, in answer: Answer, after previous: Reading?, wasListedBefore: Bool
    ) -> Reading? {
        if omits(bucket, in: answer, wasListedBefore: wasListedBefore) { return previous }
        var totals = previous ?? SettledTotals()
        totals.read(answer.rows[bucket.id])
        return totals
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        for (family, total) in [
            (Families.requests, reading.requests.value), (.uploadBytes, reading.uploadBytes.value),
            (.downloadBytes, reading.downloadBytes.value), (.sizeChange, reading.sizeChangeBytes),
            (.regressions, reading.regressions),
        ] {
            if let total { samples.append(family, bucket.labels, value: .integer(total)) }
        }
    }
}
