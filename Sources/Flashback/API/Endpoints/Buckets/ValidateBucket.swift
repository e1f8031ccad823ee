package import Basics
internal import HTTPTypes

/// `POST /bucket/{bucketId}/validate`: makes an online node try to reach the bucket now. Unlike all other endpoints, it does more than
/// read, so a request is never repeated after a failure.
///
/// The documents show no body. The API's own client sends a body only to test credentials other than the stored ones.
package struct ValidateBucket: Endpoint {
    package static let name = EndpointName(.post, "/bucket/{bucketId}/validate")
    package static let limits = AnswerLimits.validation
    package static let isRepeatable = false

    package let bucketID: Identifier

    package init(bucketID: Identifier) {
        self.bucketID = bucketID
    }

    package var path: [String] { ["bucket", bucketID.text, "validate"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> BucketValidation {
        var fields = try body.fields()
        return BucketValidation(
            status: fields.label(.status).map(ReachabilityStatus.init(word:)),
            latencyMilliseconds: fields.number(.latency_ms, .latencyMs, in: RowFields.probeMilliseconds))
    }
}

/// The answer of `POST /bucket/{bucketId}/validate` when the validation was carried out.
package struct BucketValidation: Sendable, Hashable {
    /// The field `status`, documented as `ONLINE`.
    package let status: ReachabilityStatus?
    /// The field `latency_ms`, in milliseconds.
    package let latencyMilliseconds: Double?

    package init(status: ReachabilityStatus?, latencyMilliseconds: Double?) {
        self.status = status
        self.latencyMilliseconds = latencyMilliseconds
    }
}
