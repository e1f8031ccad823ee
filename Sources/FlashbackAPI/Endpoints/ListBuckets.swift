package import Basics
internal import HTTPTypes

/// `GET /bucket`: every bucket that the account may see, or those of one workspace.
package struct ListBuckets: Endpoint {
    package static let name = EndpointName(.get, "/bucket")
    package static let limits = AnswerLimits.descriptions

    /// Narrows the list to one workspace; nil lists all that the account's role allows.
    package let workspaceID: Identifier?

    package init(workspaceID: Identifier? = nil) {
        self.workspaceID = workspaceID
    }

    package var path: [String] { ["bucket"] }
    package var query: [(name: String, value: String)] {
        workspaceID.map { [("workspaceId", $0.text)] } ?? []
    }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<Bucket> {
        try body.rows(under: [.buckets, .data])
    }
}
