package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `POST /bucket/{bucketId}/stats`: each node's statistics for one UTC day. Despite the POST it is read-only.
package struct ReadBucketDailyStatistics: Endpoint {
    package static let name = EndpointName(.post, "/bucket/{bucketId}/stats")
    package static let limits = AnswerLimits.nodes

    package let bucketID: Identifier
    package let day: UTCDay

    package init(bucketID: Identifier, day: UTCDay) {
        self.bucketID = bucketID
        self.day = day
    }

    package var path: [String] { ["bucket", bucketID.text, "stats"] }
    package var body: [UInt8]? { Array(#"{"day":"\#(day)"}"#.utf8) }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<NodeDailyStatistics> {
        try body.rows(under: [.nodeStats, .data])
    }
}

/// A row of `POST /bucket/{bucketId}/stats` or ``ListNodeDailyStatistics``: one node's statistics for the bucket and one day.
package struct NodeDailyStatistics: Row, Hashable {
    /// The field `ip`, or `nodeId` without it.
    package let node: Identifier
    /// The field `host`: a pattern such as `*-us-east-1-aws.flashback.tech`. An address is reduced to scheme, host and path; nil when it
    /// may contain anything else.
    package let host: Identifier?
    /// The field `perc_uptime`, from 0 to 100: the share of the day during which the node was online.
    package let uptimePercentage: Double?
    /// The field `avg_latency_ms`, in milliseconds; `latency_ms` or `latencyMs` in the statistics of many buckets, which have one
    /// latency a day.
    package let averageLatencyMilliseconds: Double?
    /// The field `last_latency_ms`, in milliseconds.
    package let lastLatencyMilliseconds: Double?
    package let lastUpdated: Date?

    package init?(fields: inout RowFields) {
        guard let node = fields.nodeIdentifier() else { return nil }
        self.node = node
        host = fields.identifier(.host, .endpoint, .url).flatMap { host in
            guard host.text.utf8.contains(where: Self.isPartOfAddress) else { return host }
            return ProviderAddress(parsing: host.text).map { Identifier($0.text) }
        }
        uptimePercentage = fields.number(.perc_uptime, .online, in: RowFields.percentages).map { min(max($0, 0), 100) }
        averageLatencyMilliseconds = fields.number(
            .avg_latency_ms, .latency_ms, .latencyMs, in: RowFields.probeMilliseconds)
        lastLatencyMilliseconds = fields.number(.last_latency_ms, in: RowFields.probeMilliseconds)
        lastUpdated = fields.date(.last_updated, .lastUpdated)
    }

    /// Whether a byte never occurs in a host name but may occur in an address with credentials.
    private static func isPartOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "?"), UInt8(ascii: "#"): true
        default: false
        }
    }
}
