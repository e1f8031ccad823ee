internal import HTTPTypes

/// POST /bucket
enum CreateBucket {
    static func answer(_ call: IncomingRequest, _ state: inout SimulationState) -> Answer {
        guard let fields = call.body(as: BucketFields.self) else {
            return .failure(.badRequest, code: "INVALID_BODY", "The body is not a JSON object of the documented form")
        }
        if let missing = fields.missing.first {
            return .failure(.badRequest, code: "MISSING_FIELD", "\(missing) is required")
        }
        if fields.hasUnknownStorageType {
            return .failure(.badRequest, code: "INVALID_STORAGE_TYPE", "storageType must be S3, GCS or AZURE")
        }
        if let workspaces = call.workspaces, let workspace = fields.workspaceId, !workspaces.contains(workspace) {
            return .forbidden
        }
        if let name = fields.name, state.organization.hasBucket(named: name) {
            return .failure(.badRequest, code: "NAME_IN_USE", "A bucket with this name already exists")
        }
        if let quota = state.configuration.bucketQuota, state.organization.liveCount >= quota {
            // The page documents this body without a message, but not the identifier in it.
            return Answer(
                status: .tooManyRequests, content: .json(.object([.init("success", false), .init("bucketId", "")])))
        }
        let id = state.organization.create(fields, at: call.now)
        return .ok(.object([.init("success", true), .init("bucketId", .string(id))]))
    }
}
