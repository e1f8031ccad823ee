package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// A listed bucket with the labels common to its series. A class, because large lists are passed around and sorted at every
/// refresh; copying structs would update the reference count of every string.
package final class ListedBucket: Sendable {
    package let bucket: Bucket
    /// `bucket_id` and `bucket_name`.
    package let labels: LabelBlock

    package init(_ bucket: Bucket) {
        self.bucket = bucket
        labels = LabelBlock(["bucket_id": bucket.id.text, "bucket_name": bucket.name ?? ""])
    }

    package var id: Identifier { bucket.id }

    /// The part of the account that the bucket belongs to, by which scrapes may filter: its workspace's identifier, or empty if
    /// the API gives none.
    var partition: Identifier { bucket.workspaceID ?? "" }

    /// Whether both buckets' series have the same labels and match the same filters.
    func hasSameSeries(as other: ListedBucket) -> Bool { labels == other.labels && partition == other.partition }

    /// The label names in ``labels``, for declarations.
    static let labelNames = ["bucket_id", "bucket_name"]
}

/// A reading and the time of its request.
package struct Observation<Reading: Sendable>: Sendable {
    package let reading: Reading
    /// The steady time, for measuring its age.
    package let uptime: Duration
    /// The calendar time, for timestamps.
    package let date: Date
}
