package import Exposition
package import FlashbackAPI

/// The list of buckets, with what it says about each. The other collectors speak of the buckets that it lists.
package struct BucketsCollector: AccountCollector {
    package static let name = "buckets"
    package static let summary = "Export each bucket's description and status."
    package static let endpoint = ListBuckets.name
    package static let defaultLifetime = Duration.seconds(30)

    package enum Families: Int, MetricFamilySet {
        case info, status, lastStatus, created

        package var family: MetricFamily {
            switch self {
            case .info:
                MetricFamily(
                    "flashback_bucket_info", .info,
                    help:
                        "A bucket and its description, always 1; from the fields bucket, storageType, region, endpoint and workspaceId.",
                    labelNames: ListedBucket.labelNames + [
                        "cloud_bucket", "storage_type", "bucket_region", "endpoint", "workspace_id",
                    ])
            case .status:
                MetricFamily(
                    "flashback_bucket_status", .gauge,
                    help: "Whether the bucket is in the state that the label status names (1) or not (0); from the field status.",
                    labelNames: ListedBucket.labelNames + ["status"])
            case .lastStatus:
                MetricFamily(
                    "flashback_bucket_last_status_timestamp_seconds", .gauge, unit: .seconds,
                    help:
                        "When the bucket's status was last reported, in seconds since 1970-01-01 UTC; from the field lastStatusAt.",
                    labelNames: ListedBucket.labelNames)
            case .created:
                MetricFamily(
                    "flashback_bucket_created_timestamp_seconds", .gauge, unit: .seconds,
                    help: "When the bucket was created, in seconds since 1970-01-01 UTC; from the field createdAt.",
                    labelNames: ListedBucket.labelNames)
            }
        }
    }

    package typealias Reading = [ListedBucket]

    package init() {}

    /// Reads the list, and selects from it: to all others no more buckets exist than those.
    package func read(_ context: ReadingContext, after previous: Reading?) async throws(APIError) -> ReadingResult<Reading> {
        let list = try await Self.list(context)
        let (buckets, refused) = context.selection.applied(to: list.reading)
        if let limit = context.selection.maximumBuckets { context.limits.note(refusedBuckets: refused, limit: limit) }
        for bucket in buckets { context.unknownStatuses.note(bucket.status, of: Self.endpoint) }
        return ReadingResult(buckets.map(ListedBucket.init), dropped: list.dropped, refused: refused)
    }

    /// Reads the list of each workspace. All lists must be read: a list without one workspace would have its buckets look deleted.
    static func list(_ context: ReadingContext) async throws(APIError) -> ReadingResult<[Bucket]> {
        var dropped = DroppedRows()
        var buckets: [Bucket] = []
        let workspaceIDs: [String?] = context.workspaceIDs.isEmpty ? [nil] : context.workspaceIDs
        for workspaceID in workspaceIDs {
            let rows = try await context.client.send(ListBuckets(workspaceID: workspaceID))
            dropped += DroppedRows(unreadIn: rows)
            buckets += rows.rows
        }
        // A bucket may stand in the lists of two workspaces; the row with the later status is the newer.
        return ReadingResult(dropped.merge(buckets, by: \.id, keepingLatest: \.lastStatusAt), dropped: dropped)
    }

    package func write(_ reading: Reading, about listed: ListedBucket, to samples: inout SampleWriter<Families>) {
        let bucket = listed.bucket
        let description = LabelBlock([
            "cloud_bucket": bucket.cloudBucket ?? "",
            "storage_type": bucket.storageType?.description ?? "",
            "bucket_region": bucket.region ?? "",
            "endpoint": bucket.endpoint ?? "",
            "workspace_id": bucket.workspaceID ?? "",
        ])
        samples.append(.info, listed.labels, description, value: 1)
        bucket.status?.write(to: &samples, .status, listed.labels)
        if let date = bucket.lastStatusAt { samples.append(.lastStatus, listed.labels, value: SampleValue(timestamp: date)) }
        if let date = bucket.createdAt { samples.append(.created, listed.labels, value: SampleValue(timestamp: date)) }
    }
}
