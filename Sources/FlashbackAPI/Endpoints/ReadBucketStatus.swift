internal import HTTPTypes

/// `GET /bucket/{bucketId}/status`: how each bridge node sees the bucket now. Its success carries no `success` field.
package struct ReadBucketStatus: Endpoint {
    package static let name = EndpointName(.get, "/bucket/{bucketId}/status")

    package let bucketID: String

    package init(bucketID: String) {
        self.bucketID = bucketID
    }

    package var path: [String] { ["bucket", bucketID, "status"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<NodeStatus> {
        try body.rows(under: [.nodeStatus, .data])
    }
}
