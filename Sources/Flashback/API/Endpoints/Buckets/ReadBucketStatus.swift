package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `GET /bucket/{bucketId}/status`: how each bridge node sees the bucket now. A successful response has no `success` field.
package struct ReadBucketStatus: Endpoint {
    package static let name = EndpointName(.get, "/bucket/{bucketId}/status")
    package static let limits = AnswerLimits.nodes

    package let bucketID: Identifier

    package init(bucketID: Identifier) {
        self.bucketID = bucketID
    }

    package var path: [String] { ["bucket", bucketID.text, "status"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<NodeStatus> {
        try body.rows(under: [.nodeStatus, .data])
    }
}

/// A row of `GET /bucket/{bucketId}/status` or ``ListNodeStatuses``: the bucket as one bridge node sees it.
package struct NodeStatus: Row, Hashable {
    /// The field `ip`, the API's identifier of a node, or `nodeId` without it.
    package let node: Identifier
    /// The field `region`: the node's region.
    package let region: String?
    /// The field `version`: the version of the node's software.
    package let version: String?
    /// The field `status`, `nodeStatus` or `node_status`.
    package let status: ReachabilityStatus?
    /// The field `latency_ms` or `latencyMs`, in milliseconds.
    package let latencyMilliseconds: Double?
    /// The field `lastUpdated` or `last_updated`: when the node last reported.
    package let lastUpdated: Date?

    package init?(fields: inout RowFields) {
        guard let node = fields.nodeIdentifier() else { return nil }
        self.node = node
        region = fields.label(.region)
        version = fields.label(.version)
        status = fields.label(.status, .nodeStatus, .node_status).map(ReachabilityStatus.init(word:))
        latencyMilliseconds = fields.number(.latency_ms, .latencyMs, in: RowFields.probeMilliseconds)
        lastUpdated = fields.date(.lastUpdated, .last_updated)
    }
}

/// Whether a bucket is reachable, in general or through one node.
///
/// The API's status fields are free text: `ONLINE`, `OFFLINE` and `DISCONNECTED` are documented for nodes, and other words have
/// been observed for buckets and nodes.
package enum ReachabilityStatus: Sendable, Hashable {
    case online
    case offline
    case disconnected
    /// An unknown word.
    case unknown(word: String)

    package init(word: String) {
        switch word.lowercased() {
        case "online", "active", "running": self = .online
        case "offline", "inactive", "stopped": self = .offline
        case "disconnected", "error": self = .disconnected
        default: self = .unknown(word: word)
        }
    }
}
