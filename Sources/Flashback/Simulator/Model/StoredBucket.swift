/// A bucket in the simulation, with a test's overrides.
struct StoredBucket: Sendable {
    /// The bucket's index in order of creation, which determines its schedule, latency and traffic.
    let number: Int
    let id: String
    var name: String
    /// The name of the bucket or container at its provider.
    var bucket: String
    var storageType: StorageType
    var region: String
    var endpoint: String?
    var workspaceID: String
    var credentials: Credentials
    let createdAt: Timestamp

    /// A soft-deleted bucket keeps its index but appears in no response.
    var isDeleted = false
    /// No node ever reaches the bucket.
    var isIll = false

    // Overrides set by a test.
    var statusOverride: String?
    var nodeStatusOverrides: [String: NodeStatusOverride] = [:]
    var nodes: [SimulatedNode]?
    var totals: SimulatedTotals?
    var extraRows = 0
    var extraNodeRows: [String: Int] = [:]
    var isForbidden = false
    var isOmittedFromStatistics = false
    var validationFailure: String?
}

/// A status that a test set for a node, effective from a certain time.
struct NodeStatusOverride: Sendable {
    let word: String
    let since: Timestamp
}

/// The storage types; the documents disagree on the word for Azure.
enum StorageType: String, Sendable {
    case s3 = "S3"
    case gcs = "GCS"
    case blob = "BLOB"

    /// Accepts both words for Azure.
    init?(word: String) {
        if word == "AZURE" { self = .blob } else { self.init(rawValue: word) }
    }

    func word(_ dialect: APIDialect) -> String {
        self == .blob ? dialect.azureWord.rawValue : rawValue
    }
}

/// The credentials that the API leaks: the key, and the secret in the encrypted form shown in the client's types.
struct Credentials: Sendable {
    var key: String
    var encryptedKey: String
    var initialisationVector: String
    var authenticationTag: String
    var message: String
    var apiKeyID: String

    init(bucket: Int, key: String? = nil, canary: String, random: SeededRandom) {
        func text(_ part: UInt64, _ length: Int) -> String {
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
            var bits = random.bits(.bucketSecret, UInt64(bucket), part)
            var text = [UInt8]()
            for index in 0..<length {
                if index % 12 == 11 { bits = random.bits(.bucketSecret, UInt64(bucket), part, UInt64(index)) }
                text.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
            return canary + String(decoding: text, as: UTF8.self)
        }
        self.key = key ?? "AKIA" + text(0, 16)
        encryptedKey = text(1, 32)
        initialisationVector = text(2, 16)
        authenticationTag = text(3, 22)
        message = text(4, 40)
        apiKeyID = text(5, 20)
    }

    /// The encrypted form shown in the client's types.
    var secret: JSONValue {
        .object([
            .init("key", .string(encryptedKey)), .init("iv", .string(initialisationVector)),
            .init("authTag", .string(authenticationTag)), .init("message", .string(message)),
        ])
    }

    var values: [String] { [key, encryptedKey, initialisationVector, authenticationTag, message, apiKeyID] }
}

/// The body of POST /bucket and PUT /bucket/{bucketId}; missing fields are nil.
struct BucketFields: Decodable {
    var name: String?
    var bucket: String?
    var storageType: String?
    var key: String?
    var secret: String?
    var region: String?
    var endpoint: String?
    var workspaceId: String?

    /// The required fields of POST /bucket that are missing or empty, in documented order.
    var missing: [String] {
        let required = [
            ("name", name), ("bucket", bucket), ("storageType", storageType), ("key", key), ("secret", secret),
            ("region", region),
            ("workspaceId", workspaceId),
        ]
        return required.filter { ($0.1 ?? "").isEmpty }.map(\.0)
    }

    /// Whether the storage type is an undocumented one.
    var hasUnknownStorageType: Bool {
        storageType.map { StorageType(word: $0) == nil } ?? false
    }
}
