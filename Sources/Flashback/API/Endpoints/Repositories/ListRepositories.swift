package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `GET /repo`: the repositories that the account may see, or those of one workspace.
package struct ListRepositories: Endpoint {
    package static let name = EndpointName(.get, "/repo")
    package static let limits = AnswerLimits.descriptions

    /// Limits the list to one workspace; nil lists all repositories that the account's role allows.
    package let workspaceID: Identifier?

    package init(workspaceID: Identifier? = nil) {
        self.workspaceID = workspaceID
    }

    package var path: [String] { ["repo"] }
    package var query: [(name: String, value: String)] {
        workspaceID.map { [("workspaceId", $0.text)] } ?? []
    }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<Repository> {
        try body.rows(under: [.repos, .data])
    }
}

/// A row of `GET /repo`: one endpoint and set of keys under which clients see several buckets.
///
/// The row also has `apiKeys`, `aiLlms` and `aiApiKeys`, and its buckets have `key` and `secret`: they are credentials and are never
/// decoded.
package struct Repository: Row, Hashable {
    /// The maximum number of buckets of one repository; more cannot be plausible and would only cost memory.
    private static let maximumBuckets = 16_384

    /// The field `id`.
    package let id: Identifier
    package let name: String?
    /// The field `mode` in capitals: `NORMAL` or `MIRROR`; one page of the documents also mentions `BACKUP`.
    package let mode: String?
    package let storageType: StorageType?
    package let workspaceID: Identifier?
    /// The field `buckets`; `units` in older answers.
    package var buckets: [RepositoryBucket]
    /// The field `disabled`: whether the repository is switched off, for example by a quota.
    package let isDisabled: Bool?
    package let createdAt: Date?

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id) else { return nil }
        self.id = id
        name = fields.label(.name)
        mode = fields.label(.mode).map { $0.uppercased() }
        storageType = fields.label(.storageType).map(StorageType.init(word:))
        workspaceID = fields.identifier(.workspaceId)
        buckets = fields.rows(.buckets, .units, maximum: Self.maximumBuckets) ?? []
        isDisabled = fields.flag(.disabled)
        createdAt = fields.date(.createdAt)
    }
}

/// A bucket in a repository.
package struct RepositoryBucket: Row, Hashable {
    /// The field `bucketId`, or `unitId` in older answers; without either, the `id` in the nested `bucket` or `unit`.
    package let bucketID: Identifier
    /// The folder under which clients see the bucket.
    package let folder: String?
    /// Whether the bucket is the master of a mirror, which the other buckets copy.
    package let isMaster: Bool?

    package init?(fields: inout RowFields) {
        // A nested object without an identifier is counted with the row.
        let nested = { (fields: inout RowFields) -> Identifier?? in .some(fields.identifier(.id)) }
        guard let id = fields.identifier(.bucketId, .unitId) ?? fields.nested(.bucket, .unit, decode: nested) ?? nil
        else { return nil }
        bucketID = id
        folder = fields.label(.folder)
        isMaster = fields.flag(.master)
    }
}
