package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `GET /node`: the bridge nodes that serve storage, as an envelope with `data` and `total` or, in older answers, a bare array.
package struct ListNodes: Endpoint {
    package static let name = EndpointName(.get, "/node")
    package static let limits = AnswerLimits.platformNodes
    /// The bit for storage in the parameter `nodeServices`, which is documented as required.
    private static let storage = "1"

    package init() {}

    package var path: [String] { ["node"] }
    package var query: [(name: String, value: String)] { [("nodeServices", Self.storage)] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<BridgeNode> {
        try body.rows(under: [.data])
    }
}

/// A row of `GET /node`: the state of a bridge node itself, independent of its reports on buckets.
package struct BridgeNode: Row, Hashable {
    /// The field `ip`, the API's identifier of a node.
    package let node: Identifier
    package let region: String?
    /// The version of the node's software.
    package let version: String?
    /// The host in the field `url`, with its port; nil when the field holds anything but an address, which may be a credential.
    package let host: String?
    package let status: ReachabilityStatus?
    /// The field `latencyMs` or `latency_ms`, in milliseconds.
    package let latencyMilliseconds: Double?
    package let lastUpdated: Date?

    package init?(fields: inout RowFields) {
        guard let node = fields.identifier(.ip) else { return nil }
        self.node = node
        region = fields.label(.region)
        version = fields.label(.version)
        host = fields.label(.url, .host, .endpoint).flatMap { ProviderAddress(parsing: $0)?.host }
        status = fields.label(.status, .nodeStatus, .node_status).map(ReachabilityStatus.init(word:))
        latencyMilliseconds = fields.number(.latencyMs, .latency_ms, in: RowFields.probeMilliseconds)
        lastUpdated = fields.date(.lastUpdated, .last_updated)
    }
}
