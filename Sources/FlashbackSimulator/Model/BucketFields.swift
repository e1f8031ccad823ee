/// The body of POST /bucket and PUT /bucket/{bucketId}, as far as it was sent.
struct BucketFields: Decodable {
    var name: String?
    var bucket: String?
    var storageType: String?
    var key: String?
    var secret: String?
    var region: String?
    var endpoint: String?
    var workspaceId: String?

    /// The fields that POST /bucket documents as required and that are missing or empty, in the page's order.
    var missing: [String] {
        let required = [
            ("name", name), ("bucket", bucket), ("storageType", storageType), ("key", key), ("secret", secret),
            ("region", region),
            ("workspaceId", workspaceId),
        ]
        return required.filter { ($0.1 ?? "").isEmpty }.map(\.0)
    }

    /// Whether a storage type was sent that no document knows.
    var hasUnknownStorageType: Bool {
        storageType.map { StorageType(word: $0) == nil } ?? false
    }
}
