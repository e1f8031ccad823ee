/// A bucket that Flashback manages, with what a test ordered about it.
struct Bucket: Sendable {
    /// Which bucket of the simulation this is, in the order of creation. Schedule, latency and traffic follow from it.
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

    /// A soft-deleted bucket keeps its place and is answered for nowhere.
    var isDeleted = false
    /// No node has ever reached the bucket.
    var isIll = false
    /// A MIRROR repository uses the bucket, so that it is not available for another.
    var isMirrored = false

    // What a test ordered.
    var statusOverride: String?
    var nodeStatusOverrides: [String: NodeStatusOverride] = [:]
    var nodes: [SimulatedNode]?
    var totals: SimulatedTotals?
    var extraRows = 0
    var extraNodeRows: [String: Int] = [:]
    var isForbidden = false
    var validationFailure: String?
}

/// A status that a test gave a node, in force from a moment on.
struct NodeStatusOverride: Sendable {
    let word: String
    let since: Timestamp
}

/// The storage types; the documents disagree on the word for Azure's.
enum StorageType: String, Sendable {
    case s3 = "S3"
    case gcs = "GCS"
    case blob = "BLOB"

    /// Reads either word for Azure's.
    init?(word: String) {
        if word == "AZURE" { self = .blob } else { self.init(rawValue: word) }
    }

    func word(_ spelling: APISpelling) -> String {
        self == .blob ? spelling.azureWord.rawValue : rawValue
    }
}

/// What the API must not give away and does: the key, and the secret in the encrypted form that the client's types show.
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

    var values: [String] { [key, encryptedKey, initialisationVector, authenticationTag, message, apiKeyID] }
}

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
