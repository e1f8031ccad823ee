package import Exposition
package import FlashbackAPI

/// The traffic of each bucket since it was created, as far as it went through Flashback's nodes.
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
                        "Bytes written less bytes deleted through Flashback's nodes, which may be negative; from the field totalSizeChange.",
                    labelNames: ListedBucket.labelNames)
            case .regressions:
                MetricFamily(
                    "flashback_bucket_totals_regressions_total", .counter,
                    help:
                        "How often a total of the bucket was lower than before and was held, until three readings in a row were lower.",
                    labelNames: ListedBucket.labelNames)
            }
        }
    }

    package typealias Reading = [String: SettledTotals]

    package init() {}

    package func read(_ context: ReadingContext, after previous: Reading?) async throws(APIError) -> ReadingResult<Reading> {
        let rows = try await context.client.send(ListBucketTotals())
        var dropped = DroppedRows(unreadIn: rows)
        // Operations are only ever added, so that of two rows about a bucket the one with more is the newer.
        let rowsOfShard = rows.rows.filter { context.selection.mayInclude($0.bucketID) }
        let totals = dropped.merge(rowsOfShard, by: \.bucketID) { ($0.requests ?? -1) > ($1.requests ?? -1) }
        let rowOfBucket = Dictionary(uniqueKeysWithValues: totals.map { ($0.bucketID, $0) })
        var reading = previous ?? [:]
        for id in Set(reading.keys).union(rowOfBucket.keys) {
            // A row that could not be read may have been this bucket's: it is not said that it had no traffic.
            if rowOfBucket[id] == nil, rows.malformedRows > 0 { continue }
            reading[id, default: SettledTotals()].read(rowOfBucket[id])
        }
        return ReadingResult(reading, dropped: dropped)
    }

    package func write(_ reading: Reading, about bucket: ListedBucket, to samples: inout SampleWriter<Families>) {
        let totals = reading[bucket.id] ?? .noTraffic
        for (family, total) in [
            (Families.requests, totals.requests.value), (.uploadBytes, totals.uploadBytes.value),
            (.downloadBytes, totals.downloadBytes.value), (.sizeChange, totals.sizeChangeBytes),
            (.regressions, totals.regressions),
        ] {
            if let total { samples.append(family, bucket.labels, value: .integer(total)) }
        }
    }
}
