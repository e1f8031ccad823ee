package import Basics
internal import HTTPTypes

/// `GET /bucket/{bucketId}/status`: how each bridge node sees the bucket now. Its success carries no `success` field.
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
