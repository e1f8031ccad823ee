internal import HTTPTypes

/// PUT /bucket/{bucketId}: changes the fields in the body. The response's content besides `success` is unknown.
enum UpdateBucket {
    static func answer(_ call: IncomingRequest, _ state: inout SimulationState) -> Answer {
        var bucket: StoredBucket
        switch call.bucket(in: state.organization) {
        case .success(let found): bucket = found
        case .failure(let refusal): return refusal.answer
        }
        guard let fields = call.body(as: BucketFields.self) else {
            return .failure(.badRequest, code: "INVALID_BODY", "The body is not a JSON object of the documented form")
        }
        if fields.hasUnknownStorageType {
            return .failure(.badRequest, code: "INVALID_STORAGE_TYPE", "storageType must be S3, GCS or AZURE")
        }
        if let workspaces = call.workspaces, let workspace = fields.workspaceId, !workspaces.contains(workspace) {
            return .forbidden
        }
        if let name = fields.name {
            guard !name.isEmpty else { return .failure(.badRequest, code: "MISSING_FIELD", "name is required") }
            guard !state.organization.hasBucket(named: name, otherThan: bucket.id) else {
                return .failure(.badRequest, code: "NAME_IN_USE", "A bucket with this name already exists")
            }
            bucket.name = name
        }
        bucket.bucket = fields.bucket ?? bucket.bucket
        bucket.storageType = fields.storageType.flatMap(StorageType.init(word:)) ?? bucket.storageType
        bucket.region = fields.region ?? bucket.region
        bucket.endpoint = fields.endpoint ?? bucket.endpoint
        bucket.workspaceID = fields.workspaceId ?? bucket.workspaceID
        bucket.credentials.key = fields.key ?? bucket.credentials.key
        state.organization[bucket.id] = bucket
        return .ok(.object([.init("success", true)]))
    }
}

/// DELETE /bucket/{bucketId}: documented as a soft delete. The response's content besides `success` is unknown.
enum DeleteBucket {
    static func answer(_ call: IncomingRequest, _ state: inout SimulationState) -> Answer {
        switch call.bucket(in: state.organization) {
        case .success(let bucket):
            _ = state.organization.delete(bucket.id)
            return .ok(.object([.init("success", true)]))
        case .failure(let refusal): return refusal.answer
        }
    }
}
