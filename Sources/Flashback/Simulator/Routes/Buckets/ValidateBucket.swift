internal import HTTPTypes

/// POST /bucket/{bucketId}/validate: whether a node that is ONLINE reaches the bucket; 400 if none does.
///
/// The page documents no body; the client sends credentials to test, which are ignored.
enum ValidateBucket {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let bucket: StoredBucket
        switch call.bucket(in: organization) {
        case .success(let found): bucket = found
        case .failure(let refusal): return refusal.answer
        }
        if let failure = bucket.validationFailure {
            return .failure(.badRequest, code: "VALIDATION_FAILED", failure)
        }
        let reports = organization.reporting(on: bucket)
        for node in organization.nodes(of: bucket) {
            let report = reports.report(of: node, at: call.now)
            guard report.status == .online else { continue }
            return .ok(
                .object([
                    .init("success", true), .init("message", "Validation successful"),
                    .init("status", .string(NodeStatus.online.rawValue)),
                    .init(dialect.latencyName.rawValue, .integer(report.latencyMilliseconds)),
                ]))
        }
        return .failure(.badRequest, code: "VALIDATION_FAILED", "Validation failed")
    }
}
