internal import HTTPTypes

/// `GET /bucket/stats`: the lifetime traffic of every bucket. Buckets without traffic may be missing from the answer.
package struct ListBucketTotals: Endpoint {
    package static let name = EndpointName(.get, "/bucket/stats")
    package static let limits = AnswerLimits.numbers

    package init() {}

    package var path: [String] { ["bucket", "stats"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<BucketTotals> {
        try body.rows(under: [.stats, .data])
    }
}
