/// GET /repo: the repositories of `workspaceId` and with an identifier in `repoId` (comma-separated), or all.
///
/// The visible documents do not show the fields of the nested API keys; here each has a key and a secret, as a bucket does.
enum ListRepositories {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        var rows = [JSONValue]()
        for repository in call.repositories(in: organization) {
            let row = row(repository, call, organization, dialect)
            for _ in 0...repository.extraRows { rows.append(row) }
        }
        return .ok(.object([.init("success", true), .init("repos", .array(rows))]))
    }

    private static func row(
        _ repository: StoredRepository, _ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect
    ) -> JSONValue {
        var buckets = [JSONValue]()
        for (member, bucket) in organization.members(of: repository) {
            let row = Self.row(member, BucketRow(bucket: bucket, organization: organization, dialect: dialect, now: call.now))
            for _ in 0...repository.extraRows { buckets.append(row) }
        }
        let credentials = repository.credentials
        let key = JSONValue.object([
            .init("id", .string(credentials.apiKeyID)), .init("name", "clients"), .init("accessType", "READ"),
            .init("key", .string(credentials.key)), .init("secret", credentials.secret),
        ])
        var members: [JSONValue.Member] = [
            .init("id", .string(repository.id)), .init("name", .string(repository.name)),
            .init("storageType", .string(repository.storageType.word(dialect))), .init("mode", .string(repository.mode.rawValue)),
            .init("workspaceId", .string(repository.workspaceID)),
            .init(dialect.repositoryBucketsName.rawValue, .array(buckets)),
        ]
        switch dialect.optionalFields {
        case .present:
            members.append(.init("apiKeys", .array([key])))
            members.append(.init("aiLlms", .array([.object([.init("name", "model"), .init("secret", credentials.secret)])])))
            members.append(.init("aiApiKeys", .array([key])))
        case .null:
            members += ["apiKeys", "aiLlms", "aiApiKeys"].map { JSONValue.Member($0, .null) }
        case .missing: break
        }
        members.append(.init("createdAt", dialect.time(repository.createdAt)))
        switch dialect.optionalFields {
        case .present: members.append(.init("disabled", .bool(repository.isDisabled)))
        case .null: members.append(.init("disabled", .null))
        case .missing: break
        }
        return .object(members)
    }

    private static func row(_ member: StoredRepository.Member, _ bucket: BucketRow) -> JSONValue {
        let dialect = bucket.dialect
        var members: [JSONValue.Member] = [
            .init("folder", .string(member.folder)), .init("master", .bool(member.isMaster)),
        ]
        if dialect.repositoryBucketForm != .description {
            members.append(.init(dialect.bucketIDName.rawValue, .string(member.bucketID)))
        }
        if dialect.repositoryBucketForm != .identifier {
            members.append(.init(dialect.repositoryBucketsName == .units ? "unit" : "bucket", bucket.listed))
        }
        return .object(members)
    }
}

/// GET /repo/stats: lifetime totals of the repositories with an identifier in `repoId` (comma-separated), or of all.
enum RepositoryTotals {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        var rows = [JSONValue]()
        for repository in call.repositories(in: organization) {
            let totals = organization.totals(of: repository, at: call.now)
            if dialect.omitsIdleBuckets, totals == SimulatedTotals() { continue }
            let row = row(repository.id, totals, dialect)
            for _ in 0...repository.extraRows { rows.append(row) }
        }
        return .ok(.object([.init("success", true), .init("stats", .array(rows))]))
    }

    /// Unlike a bucket's totals, a repository's have no count.
    private static func row(_ id: String, _ totals: SimulatedTotals, _ dialect: APIDialect) -> JSONValue {
        let names =
            switch dialect.totalsNames {
            case .total: ("totalUploadBytes", "totalDownloadBytes", "totalSizeChange")
            case .snakeCase: ("upl_bytes", "dwl_bytes", "size_change")
            case .camelCase: ("uplBytes", "dwlBytes", "sizeChange")
            }
        func total(_ number: Int64) -> JSONValue {
            dialect.totalsKind == .string ? .string(String(number)) : .integer(number)
        }
        return .object([
            .init("repoId", .string(id)), .init(names.0, total(totals.uploadBytes)), .init(names.1, total(totals.downloadBytes)),
            .init(names.2, total(totals.sizeChange)),
        ])
    }
}

extension IncomingRequest {
    /// The repositories that the user may see and that the query asks for.
    fileprivate func repositories(in organization: Organization) -> [StoredRepository] {
        let workspace = query["workspaceId"]
        let wanted = query["repoId"].map { Set($0.split(separator: ",").map(String.init)) }
        return organization.repositories.filter { repository in
            (workspaces?.contains(repository.workspaceID) ?? true) && (workspace.map { $0 == repository.workspaceID } ?? true)
                && (wanted?.contains(repository.id) ?? true)
        }
    }
}
