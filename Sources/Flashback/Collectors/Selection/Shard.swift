package import Basics

/// One of several exporters that share an account's buckets. Each bucket belongs to exactly one shard, determined by its
/// identifier alone.
///
/// The identifier is hashed with 64-bit FNV-1a, and the hash is mapped to a shard by jump consistent hashing (Lamping and Veach,
/// "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014): growing from n to n + 1 shards moves only one in n + 1 buckets,
/// all of them to the new shard. Neither algorithm may change: shards running two versions would skip buckets or serve them
/// twice.
package struct Shard: Sendable, Hashable {
    /// From 0 to `total` - 1.
    package let index: Int
    /// The number of shards.
    package let total: Int

    /// The maximum number of shards; more than any account needs, and few enough for ``index(of:among:)``.
    package static let maximumShards = 65_536

    /// Nil when there is no such shard.
    package init?(index: Int, total: Int) {
        guard (1...Self.maximumShards).contains(total), (0..<total).contains(index) else { return nil }
        self.index = index
        self.total = total
    }

    /// Whether a bucket belongs to this shard.
    package func owns(_ bucketID: Identifier) -> Bool { Self.index(of: Self.hash(bucketID.text), among: total) == index }

    /// FNV-1a of the identifier's UTF-8.
    package static func hash(_ bucketID: String) -> UInt64 {
        bucketID.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The jump consistent hash: the shard of a hash, from 0 to `total` - 1.
    /// - Parameter total: at most ``maximumShards``; the algorithm goes beyond it by a factor of up to 2^31.
    package static func index(of hash: UInt64, among total: Int) -> Int {
        var state = hash
        var index = 0
        var next = 0
        while next < total {
            index = next
            state = state &* 2_862_933_555_777_941_757 &+ 1
            next = Int(Double(index + 1) * (Double(1 << 31) / Double((state >> 33) + 1)))
        }
        return index
    }
}
