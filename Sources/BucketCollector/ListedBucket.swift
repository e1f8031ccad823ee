package import Exposition
package import FlashbackAPI

/// A bucket of the list, with the labels that each of its series carries.
package struct ListedBucket: Sendable {
    package let bucket: Bucket
    /// `bucket_id` and `bucket_name`.
    package let labels: LabelBlock

    package init(_ bucket: Bucket) {
        self.bucket = bucket
        labels = LabelBlock(["bucket_id": bucket.id, "bucket_name": bucket.name ?? ""])
    }

    package var id: String { bucket.id }

    /// The names of ``labels``, for declarations.
    static let labelNames = ["bucket_id", "bucket_name"]
}
