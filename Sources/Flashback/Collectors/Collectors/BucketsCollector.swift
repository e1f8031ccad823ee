internal import Basics
package import Exposition
package import FlashbackAPI

/// Exports the bucket list's data. The list itself is read by ``BucketList``, even when this collector is disabled.
package struct BucketsCollector: Collector {
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
                    help: "Whether the bucket is in the state given by the label status (1) or not (0); from the field status.",
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

    package init() {}

    /// Writes the list's data about a bucket.
    func write(_ listed: ListedBucket, to samples: inout SampleWriter<Families>) {
        let bucket = listed.bucket
        let description = LabelBlock([
            "cloud_bucket": bucket.cloudBucket ?? "",
            "storage_type": bucket.storageType?.description ?? "",
            "bucket_region": bucket.region ?? "",
            "endpoint": bucket.endpoint ?? "",
            "workspace_id": bucket.workspaceID?.text ?? "",
        ])
        samples.append(.info, listed.labels, description, value: 1)
        bucket.status?.write(to: &samples, .status, listed.labels)
        if let date = bucket.lastStatusAt { samples.append(.lastStatus, listed.labels, value: SampleValue(timestamp: date)) }
        if let date = bucket.createdAt { samples.append(.created, listed.labels, value: SampleValue(timestamp: date)) }
    }
}
