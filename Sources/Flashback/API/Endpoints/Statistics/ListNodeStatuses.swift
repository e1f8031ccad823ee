package import Basics
internal import HTTPTypes

/// `GET /stats/nodes/minute`: how each bridge node sees each of the given buckets now. Despite its path, the response is not a history: it
/// has the latest row of each node and bucket.
package struct ListNodeStatuses: Endpoint {
    package static let name = EndpointName(.get, "/stats/nodes/minute")
    package static let limits = AnswerLimits.nodesOfBatch

    package let batch: BucketBatch

    package init(_ batch: BucketBatch) {
        self.batch = batch
    }

    package var path: [String] { ["stats", "nodes", "minute"] }
    package var query: [(name: String, value: String)] { [("bucketId", batch.parameter)] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<BucketNodeStatus> {
        try body.rows(under: [.data])
    }
}

/// A row of `GET /stats/nodes/minute`. It is documented without the node's region and version, and with `nodeId` instead of `ip`.
package struct BucketNodeStatus: Row, Hashable {
    /// The field `bucketId`; `unitId` in older answers.
    package let bucketID: Identifier
    package let node: NodeStatus

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.bucketId, .unitId), let node = NodeStatus(fields: &fields) else { return nil }
        bucketID = id
        self.node = node
    }
}
