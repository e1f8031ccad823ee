package import Exposition

/// How a collector fared with one bucket.
package enum BucketOutcomeFamilies: Int, MetricFamilySet {
    case success, lastSuccess

    package var family: MetricFamily {
        switch self {
        case .success:
            MetricFamily(
                "flashback_bucket_collector_success", .gauge,
                help: "Whether the collector's latest request about the bucket succeeded (1) or not (0).",
                labelNames: ListedBucket.labelNames + ["collector"])
        case .lastSuccess:
            MetricFamily(
                "flashback_bucket_collector_last_success_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the collector last read the bucket with success, in seconds since 1970-01-01 UTC.",
                labelNames: ListedBucket.labelNames + ["collector"])
        }
    }
}
