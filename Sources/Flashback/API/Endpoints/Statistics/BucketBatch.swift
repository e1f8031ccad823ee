package import Basics

/// The identifiers of buckets that are requested together, joined with commas in one query parameter.
///
/// Proxies and servers usually accept request lines of up to 8 KiB, so the parameter is limited in bytes as well as in buckets. The limit
/// leaves room for the rest of the line.
package struct BucketBatch: Sendable, Hashable {
    /// The maximum number of buckets.
    package static let maximumBuckets = 200
    /// The maximum length of the percent-encoded parameter in bytes. 200 UUIDs take 7,797.
    package static let maximumBytes = 7800
    /// The length of a percent-encoded comma.
    private static let separatorBytes = 3

    package private(set) var bucketIDs: [Identifier] = []
    private var bytes = 0

    package init() {}

    /// Whether an identifier may be joined with others. The API would read one with a comma as two.
    package static func admits(_ id: Identifier) -> Bool { !id.text.utf8.contains(UInt8(ascii: ",")) }

    /// Adds a bucket.
    /// - Returns: false when the batch is full and the bucket was not added. The first bucket is always added.
    package mutating func add(_ id: Identifier) -> Bool {
        let added = id.text.percentEncoded.utf8.count + (bucketIDs.isEmpty ? 0 : Self.separatorBytes)
        if !bucketIDs.isEmpty, bucketIDs.count >= Self.maximumBuckets || bytes + added > Self.maximumBytes { return false }
        bucketIDs.append(id)
        bytes += added
        return true
    }

    /// The value of the query parameter, before percent-encoding.
    var parameter: String { bucketIDs.map(\.text).joined(separator: ",") }
}
