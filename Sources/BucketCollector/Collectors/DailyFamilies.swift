package import Exposition

/// The families of a day's statistics, of whichever day.
package enum DailyFamilies: Int, MetricFamilySet {
    case uptime, averageLatency, lastLatency, lastUpdate, day

    private static let labelNames = ListedBucket.labelNames + ["node", "host", "day"]

    package var family: MetricFamily {
        switch self {
        case .uptime:
            MetricFamily(
                "flashback_bucket_node_daily_uptime_ratio", .gauge, unit: .ratio,
                help:
                    "The share of the day, from 0 to 1, in which the node was online for the bucket; from the field perc_uptime.",
                labelNames: Self.labelNames)
        case .averageLatency:
            MetricFamily(
                "flashback_bucket_node_daily_average_latency_seconds", .gauge, unit: .seconds,
                help: "The average of the day's probes of the bucket by the node; from the field avg_latency_ms.",
                labelNames: Self.labelNames)
        case .lastLatency:
            MetricFamily(
                "flashback_bucket_node_daily_last_latency_seconds", .gauge, unit: .seconds,
                help: "How long the day's last probe of the bucket by the node took; from the field last_latency_ms.",
                labelNames: Self.labelNames)
        case .lastUpdate:
            MetricFamily(
                "flashback_bucket_node_daily_last_update_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "When the day's statistics were last updated, in seconds since 1970-01-01 UTC; from the field last_updated.",
                labelNames: Self.labelNames)
        case .day:
            MetricFamily(
                "flashback_daily_stats_day_timestamp_seconds", .gauge, unit: .seconds,
                help:
                    "The UTC midnight at which the day begins that the daily series speak of, in seconds since 1970-01-01 UTC.",
                labelNames: ["day"])
        }
    }
}
