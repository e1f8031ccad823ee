package import Basics
internal import HTTPTypes

/// `POST /bucket/{bucketId}/stats`: each node's statistics of one UTC day. Though a POST, it changes nothing.
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
