package import Basics
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

/// A row of `GET /bucket/stats`: the traffic through Flashback's nodes since the bucket was created.
///
/// The totals are 64-bit integers, documented as numbers and sent as decimal strings.
package struct BucketTotals: Row, Hashable {
    /// The field `bucketId`; `unitId` in older answers.
    package let bucketID: Identifier
    /// The field `totalCount`: operations.
    package let requests: Int64?
    /// The field `totalUploadBytes`.
    package let uploadBytes: Int64?
    /// The field `totalDownloadBytes`.
    package let downloadBytes: Int64?
    /// The field `totalSizeChange` in bytes: written minus deleted, so it may be negative.
    package let sizeChangeBytes: Int64?

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.bucketId, .unitId) else { return nil }
        bucketID = id
        requests = fields.integer(.totalCount, .requests, in: 0 ... .max)
        uploadBytes = fields.integer(.totalUploadBytes, .upl_bytes, .uplBytes, in: 0 ... .max)
        downloadBytes = fields.integer(.totalDownloadBytes, .dwl_bytes, .dwlBytes, in: 0 ... .max)
        sizeChangeBytes = fields.integer(.totalSizeChange, .size_change, .sizeChange)
    }
}
