package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `GET /bucket`: all buckets that the account may see, or those of one workspace.
package struct ListBuckets: Endpoint {
    package static let name = EndpointName(.get, "/bucket")
    package static let limits = AnswerLimits.descriptions

    /// Limits the list to one workspace; nil lists all buckets that the account's role allows.
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

/// A row of `GET /bucket`. Every field but the id may be missing.
///
/// The row also has `key`, `secret` and `apiKeyId`: they are credentials and are never decoded.
package struct Bucket: Hashable, Sendable {
    /// The field `id`.
    package let id: Identifier
    /// The field `name`, unique in an organization.
    package let name: String?
    /// The field `bucket`: the bucket's or container's name at the provider.
    package let cloudBucket: String?
    /// The field `storageType`.
    package let storageType: StorageType?
    /// The field `region`: the provider's region.
    package let region: String?
    /// The provider's scheme, host and path, from the field `endpoint`; nil when the field holds anything else, which may be a credential.
    package let endpoint: String?
    /// The field `workspaceId`.
    package let workspaceID: Identifier?
    /// The field `status`.
    package let status: ReachabilityStatus?
    /// The field `lastStatusAt`: when the status was last reported.
    package let lastStatusAt: Date?
    /// The field `createdAt`.
    package let createdAt: Date?
}

extension Bucket: Row {
    package init?(fields: inout RowFields) {
        // Clients and proxies remove `.` and `..` from a path (RFC 3986 section 5.2.4), so such an identifier cannot be
        // requested.
        guard let id = fields.identifier(.id), ![".", ".."].contains(id) else { return nil }
        self.id = id
        name = fields.label(.name)
        cloudBucket = fields.label(.bucket)
        storageType = fields.label(.storageType).map(StorageType.init(word:))
        region = fields.label(.region)
        endpoint = fields.label(.endpoint).flatMap { ProviderAddress(parsing: $0)?.text }
        workspaceID = fields.identifier(.workspaceId)
        status = fields.label(.status).map(ReachabilityStatus.init(word:))
        lastStatusAt = fields.date(.lastStatusAt)
        createdAt = fields.date(.createdAt)
    }
}

/// The storage protocol of a bucket, from the field `storageType`.
package enum StorageType: Sendable, Hashable, CustomStringConvertible {
    case s3
    case gcs
    /// Azure Blob Storage, called `BLOB` in some responses and documents and `AZURE` in others.
    case blob
    /// An unknown word, passed through.
    case other(String)

    package init(word: String) {
        switch word.uppercased() {
        case "S3": self = .s3
        case "GCS": self = .gcs
        case "BLOB", "AZURE": self = .blob
        default: self = .other(word)
        }
    }

    /// The API's word.
    package var description: String {
        switch self {
        case .s3: "S3"
        case .gcs: "GCS"
        case .blob: "BLOB"
        case .other(let word): word
        }
    }
}
