package import Basics
package import FoundationEssentials

/// A row of `GET /bucket/{bucketId}/status`: the bucket as one bridge node sees it.
package struct NodeStatus: Row, Hashable {
    /// The field `ip`, which is how the API identifies a node.
    package let node: Identifier
    package let region: String?
    /// The version of the node's software.
    package let version: String?
    package let status: ReachabilityStatus?
    /// The field `latency_ms` or `latencyMs`, in milliseconds.
    package let latencyMilliseconds: Double?
    package let lastUpdated: Date?

    package init?(fields: inout RowFields) {
        guard let node = fields.identifier(.ip) else { return nil }
        self.node = node
        region = fields.label(.region)
        version = fields.label(.version)
        status = fields.label(.status, .nodeStatus, .node_status).map(ReachabilityStatus.init(word:))
        latencyMilliseconds = fields.number(.latency_ms, .latencyMs, in: RowFields.probeMilliseconds)
        lastUpdated = fields.date(.lastUpdated, .last_updated)
    }
}
