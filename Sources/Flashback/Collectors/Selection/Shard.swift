package import Basics

/// One of several exporters that share an account's buckets: each bucket is on exactly one shard, by its identifier alone.
///
/// The identifier is hashed with FNV-1a of 64 bits, and the hash put on a shard with jump consistent hashing (Lamping and Veach,
/// "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014): with one shard more, of n + 1, only one in n + 1 buckets moves, and to
/// the new shard. Both must stay as they are: shards of two versions would leave buckets out or serve them twice.
package struct Shard: Sendable, Hashable {
    /// From 0 to `total` - 1.
    package let index: Int
    /// How many there are.
    package let total: Int

    /// Nil when there is no such shard.
    package init?(index: Int, total: Int) {
        guard total > 0, (0..<total).contains(index) else { return nil }
        self.index = index
        self.total = total
    }

    /// Whether a bucket is on this shard.
    package func owns(_ bucketID: Identifier) -> Bool { Self.index(of: Self.hash(bucketID.text), among: total) == index }

    /// FNV-1a of the identifier's UTF-8.
    package static func hash(_ bucketID: String) -> UInt64 {
        bucketID.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The jump consistent hash: the shard of a hash, from 0 to `total` - 1.
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
