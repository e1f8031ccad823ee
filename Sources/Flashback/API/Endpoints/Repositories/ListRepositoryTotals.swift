package import Basics
internal import HTTPTypes

/// `GET /repo/stats`: the lifetime traffic of every repository. Repositories without traffic may be missing from the answer.
package struct ListRepositoryTotals: Endpoint {
    package static let name = EndpointName(.get, "/repo/stats")
    package static let limits = AnswerLimits.numbers

    package init() {}

    package var path: [String] { ["repo", "stats"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<RepositoryTotals> {
        try body.rows(under: [.stats, .data])
    }
}

/// A row of `GET /repo/stats`: the traffic of one repository since it was created. There is no number of operations.
///
/// The totals are 64-bit integers, sent as decimal strings.
package struct RepositoryTotals: Row, Hashable {
    /// The field `repoId`.
    package let repositoryID: Identifier
    /// The field `totalUploadBytes`.
    package let uploadBytes: Int64?
    /// The field `totalDownloadBytes`.
    package let downloadBytes: Int64?
    /// The field `totalSizeChange` in bytes: written minus deleted, so it may be negative.
    package let sizeChangeBytes: Int64?

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.repoId) else { return nil }
        repositoryID = id
        uploadBytes = fields.integer(.totalUploadBytes, .upl_bytes, .uplBytes, in: 0 ... .max)
        downloadBytes = fields.integer(.totalDownloadBytes, .dwl_bytes, .dwlBytes, in: 0 ... .max)
        sizeChangeBytes = fields.integer(.totalSizeChange, .size_change, .sizeChange)
    }
}
