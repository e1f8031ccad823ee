package import Basics
package import FoundationEssentials

/// A row of `GET /bucket`. Every field but the id may be missing.
///
/// The row also has `key`, `secret` and `apiKeyId`: they are credentials and are never decoded.
package struct Bucket: Row, Hashable {
    /// The field `id`.
    package let id: Identifier
    /// The field `name`, unique in an organization.
    package let name: String?
    /// The field `bucket`: the bucket's or container's name at the provider.
    package let cloudBucket: String?
    package let storageType: StorageType?
    /// The provider's region.
    package let region: String?
    /// The provider's scheme, host and path; nil when the field holds something else, which may be a credential.
    package let endpoint: String?
    package let workspaceID: Identifier?
    package let status: ReachabilityStatus?
    package let lastStatusAt: Date?
    package let createdAt: Date?

    package init?(fields: inout RowFields) {
        // Such an identifier cannot stand in a path: whoever carries the request would take it out (RFC 3986 section 5.2.4).
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
