package import Basics
package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// A bucket of the list, with the labels that each of its series carries. An object, because lists of many are passed around, and
/// sorted, at every refresh, which would count the references to every string in them.
package final class ListedBucket: Sendable {
    package let bucket: Bucket
    /// `bucket_id` and `bucket_name`.
    package let labels: LabelBlock

    package init(_ bucket: Bucket) {
        self.bucket = bucket
        labels = LabelBlock(["bucket_id": bucket.id.text, "bucket_name": bucket.name ?? ""])
    }

    package var id: Identifier { bucket.id }

    /// The part of the account that it belongs to, by which scrapes may narrow down what they get: the identifier of its workspace,
    /// empty where the API does not say one.
    var partition: Identifier { bucket.workspaceID ?? "" }

    /// Whether the series of both carry the same labels and are found by the same filters.
    func hasSameSeries(as other: ListedBucket) -> Bool { labels == other.labels && partition == other.partition }

    /// The names of ``labels``, for declarations.
    static let labelNames = ["bucket_id", "bucket_name"]
}

/// A reading and when it was made.
package struct Observation<Reading: Sendable>: Sendable {
    package let reading: Reading
    /// The steady time, from which its age is measured.
    package let uptime: Duration
    /// The calendar's time, for timestamps.
    package let date: Date
}
