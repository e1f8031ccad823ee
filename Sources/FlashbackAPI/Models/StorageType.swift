/// The storage protocol of a bucket, the field `storageType`.
package enum StorageType: Sendable, Hashable, CustomStringConvertible {
    case s3
    case gcs
    /// Azure Blob Storage, which some answers and documents call `BLOB` and others `AZURE`.
    case blob
    /// A word that is none of those known, passed through.
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
