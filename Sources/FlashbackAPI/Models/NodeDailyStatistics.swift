package import FoundationEssentials

/// A row of `POST /bucket/{bucketId}/stats`: one node's day with the bucket.
package struct NodeDailyStatistics: Row, Hashable {
    /// The field `ip`.
    package let node: String
    /// The field `host`: a pattern such as `*-us-east-1-aws.flashback.tech`.
    package let host: String?
    /// The field `perc_uptime`, from 0 to 100: the share of the day in which the node was online.
    package let uptimePercentage: Double?
    /// The field `avg_latency_ms`, in milliseconds.
    package let averageLatencyMilliseconds: Double?
    /// The field `last_latency_ms`, in milliseconds.
    package let lastLatencyMilliseconds: Double?
    package let lastUpdated: Date?

    package init?(fields: inout RowFields) {
        guard let node = fields.identifier(.ip) else { return nil }
        self.node = node
        host = fields.string(.host, .endpoint, .url)
        uptimePercentage = fields.number(.perc_uptime, .online)
        averageLatencyMilliseconds = fields.number(.avg_latency_ms)
        lastLatencyMilliseconds = fields.number(.last_latency_ms)
        lastUpdated = fields.date(.last_updated, .lastUpdated)
    }
}
