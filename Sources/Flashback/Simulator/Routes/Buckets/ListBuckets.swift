/// GET /bucket
enum ListBuckets {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let workspace = call.query["workspaceId"]
        var rows = [JSONValue]()
        for bucket in organization.liveBuckets where call.maySee(bucket) {
            guard workspace == nil || bucket.workspaceID == workspace else { continue }
            let row = BucketRow(bucket: bucket, organization: organization, dialect: dialect, now: call.now).listed
            for _ in 0...bucket.extraRows { rows.append(row) }
        }
        return .ok(dialect.list.list(rows))
    }
}

/// GET /bucket/available: the buckets that no MIRROR repository uses. The page documents no parameter; the client sends a
/// `workspaceId`.
enum AvailableBuckets {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let workspace = call.query["workspaceId"]
        var rows = [JSONValue]()
        for bucket in organization.liveBuckets where call.maySee(bucket) && organization.isAvailable(bucket) {
            guard workspace == nil || bucket.workspaceID == workspace else { continue }
            let row = BucketRow(bucket: bucket, organization: organization, dialect: dialect, now: call.now)
            rows.append(row.available)
        }
        return .ok(dialect.available.list(rows))
    }
}

/// A bucket as shown in the two lists.
struct BucketRow {
    let bucket: StoredBucket
    let organization: Organization
    let dialect: APIDialect
    let now: Timestamp

    /// GET /bucket: fields and their order as documented.
    var listed: JSONValue {
        let (status, lastStatusAt) = status
        let credentials = bucket.credentials
        let secret = credentials.secret
        var members = [JSONValue.Member]()
        members.reserveCapacity(16)
        members.append(.init("name", .string(bucket.name)))
        members.append(.init("id", .string(bucket.id)))
        members.append(.init("storageType", .string(bucket.storageType.word(dialect))))
        members.append(.init("bucket", .string(bucket.bucket)))
        append("key", .string(credentials.key), to: &members)
        append("secret", secret, to: &members)
        append("endpoint", bucket.endpoint.map(JSONValue.string), to: &members)
        append("region", .string(bucket.region), to: &members)
        append("status", .string(status), to: &members)
        append("lastStatusAt", dialect.time(lastStatusAt), to: &members)
        members.append(.init("createdAt", dialect.time(bucket.createdAt)))
        append("workspaceId", .string(bucket.workspaceID), to: &members)
        if dialect.clientFields {
            append("projectId", .string("project-1"), to: &members)
            append("walletAddress", .string("wallet-1"), to: &members)
            append("apiKeyId", .string(credentials.apiKeyID), to: &members)
            let repositories = organization.repositories(with: bucket).map { repository in
                JSONValue.object([
                    .init("id", .string(repository.id)), .init("name", .string(repository.name)),
                    .init("storageType", .string(repository.storageType.word(dialect))),
                    .init("createdAt", dialect.time(repository.createdAt)),
                ])
            }
            append("repos", .array(repositories), to: &members)
        }
        return .object(members)
    }

    /// GET /bucket/available: fields and their order as documented.
    var available: JSONValue {
        var members = [JSONValue.Member]()
        members.reserveCapacity(8)
        members.append(.init("id", .string(bucket.id)))
        members.append(.init("name", .string(bucket.name)))
        members.append(.init("storageType", .string(bucket.storageType.word(dialect))))
        members.append(.init("bucket", .string(bucket.bucket)))
        append("key", .string(bucket.credentials.key), to: &members)
        append("status", .string(status.word), to: &members)
        append("workspaceId", .string(bucket.workspaceID), to: &members)
        members.append(.init("createdAt", dialect.time(bucket.createdAt)))
        return .object(members)
    }

    private var status: (word: String, lastStatusAt: Timestamp) {
        let (status, lastStatusAt) = organization.reporting(on: bucket).bucketStatus(organization.nodes(of: bucket), at: now)
        let word = status == .online ? dialect.onlineBucketWord.rawValue : dialect.word(status)
        return (bucket.statusOverride ?? word, lastStatusAt)
    }

    private func append(_ name: String, _ value: JSONValue?, to members: inout [JSONValue.Member]) {
        switch (dialect.optionalFields, value) {
        case (.present, let value?): members.append(.init(name, value))
        case (.null, _): members.append(.init(name, .null))
        case (.missing, _), (.present, nil): break
        }
    }
}

extension APIDialect.ListForm {
    func list(_ rows: [JSONValue]) -> JSONValue {
        switch self {
        case .envelope: .object([.init("success", true), .init("buckets", .array(rows))])
        case .array: .array(rows)
        }
    }
}
