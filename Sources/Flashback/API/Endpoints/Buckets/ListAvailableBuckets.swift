package import Basics
internal import HTTPTypes

/// `GET /bucket/available`: the buckets that no repository in MIRROR mode uses. A successful response is a bare array.
package struct ListAvailableBuckets: Endpoint {
    package static let name = EndpointName(.get, "/bucket/available")
    package static let limits = AnswerLimits.numbers

    package init() {}

    package var path: [String] { ["bucket", "available"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<AvailableBucket> {
        try body.rows(under: [.buckets, .data])
    }
}

/// A row of `GET /bucket/available`. Only the id is used; the rest repeats `GET /bucket`.
package struct AvailableBucket: Row, Hashable {
    package let id: Identifier

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id) else { return nil }
        self.id = id
    }
}
