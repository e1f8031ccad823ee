import Basics
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@Suite struct ShardTests {
    /// The vectors of the FNV specification (draft-eastlake-fnv).
    @Test(arguments: [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)])
    func hashIsFNV1a(_ text: String, _ hash: UInt64) {
        #expect(Shard.hash(text) == hash)
    }

    /// Vectors on which other implementations of the jump consistent hash agree.
    @Test(arguments: [
        (1, 1, 0), (42, 57, 43), (0xDEAD_10CC, 1, 0), (0xDEAD_10CC, 666, 361), (256, 1024, 520),
    ])
    func shardIsThatOfTheJumpConsistentHash(_ hash: UInt64, _ total: Int, _ index: Int) {
        #expect(Shard.index(of: hash, among: total) == index)
    }

    /// The assignment must never change: exporters of two versions may share an account's buckets.
    @Test(arguments: [
        ("b-1", [0, 1, 1, 1, 9]), ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", [0, 1, 2, 2, 2]), ("bucket-0", [0, 1, 1, 3, 3]),
        ("bucket-1", [0, 1, 2, 2, 2]), ("bucket-2", [0, 0, 2, 2, 7]),
    ])
    func bucketStaysOnItsShard(_ id: String, _ indexes: [Int]) {
        #expect(zip([1, 2, 3, 5, 10], indexes).allSatisfy { Shard.index(of: Shard.hash(id), among: $0) == $1 })
    }

    @Test func everyBucketIsOnOneOfEvenlySizedShards() {
        for prefix in ["bucket-", "", "cm5z0000"] {
            let ids = (0..<10_000).map { Identifier("\(prefix)\($0)") }
            for total in [1, 2, 3, 7] {
                let shards = (0..<total).compactMap { Shard(index: $0, total: total) }
                #expect(ids.allSatisfy { id in shards.count { $0.owns(id) } == 1 })
                let share = 10_000 / total
                for shard in shards { #expect(abs(ids.count(where: shard.owns) - share) < share / 10) }
            }
        }
    }

    @Test func anAdditionalShardOnlyTakesBuckets() {
        let hashes = (0..<10_000).map { Shard.hash("bucket-\($0)") }
        for total in 1..<8 {
            let moved = hashes.filter { Shard.index(of: $0, among: total) != Shard.index(of: $0, among: total + 1) }
            #expect(moved.allSatisfy { Shard.index(of: $0, among: total + 1) == total })
            #expect(abs(moved.count - 10_000 / (total + 1)) < 500)
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (-1, 3), (3, 3), (0, -1), (0, 65_537), (0, .max)])
    func invalidShardsAreRefused(_ index: Int, _ total: Int) {
        #expect(Shard(index: index, total: total) == nil)
    }

    @Test func bucketsHaveAShardAmongTheMostShards() {
        for hash in [0, 1, .max, .max << 31, Shard.hash("b-1")] {
            #expect((0..<Shard.maximumShards).contains(Shard.index(of: hash, among: Shard.maximumShards)))
        }
    }

    /// Three exporters that share 1,000 buckets together serve the same as a single exporter.
    @Test func threeShardsTogetherServeWhatOneExporterServes() async throws {
        let whole = try bucketLines(await account(nil).body())
        #expect(Set(whole.flatMap(\.buckets)).count == 1000)
        var parts: [String] = []
        var shardOfBucket: [String: Int] = [:]
        for index in 0..<3 {
            let account = try account(Shard(index: index, total: 3))
            let part = try bucketLines(await account.body())
            let buckets = Set(part.flatMap(\.buckets))
            for bucket in buckets { #expect(shardOfBucket.updateValue(index, forKey: bucket) == nil, "\(bucket) is on two") }
            #expect((250...400).contains(buckets.count))
            // Buckets of other shards are not requested.
            #expect(account.simulation.requests.count(.bucketStatus) == buckets.count)
            #expect(account.simulation.requests.count(.dailyStats) == 2 * buckets.count)
            parts += part.map(\.line)
        }
        #expect(parts.sorted() == whole.map(\.line).sorted())
    }

    private func account(_ shard: Shard?) throws -> CollectedAccount {
        try CollectedAccount(buckets: 1000, nodes: 2, limit: 16, collection: { $0.selection.shard = shard })
    }

    /// The lines about single buckets.
    private func bucketLines(_ body: [UInt8]) throws -> [(line: String, buckets: [String])] {
        String(decoding: body, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            guard let label = line.firstRange(of: "{bucket_id=\"") else { return nil }
            return (String(line), [String(line[label.upperBound...].prefix { $0 != "\"" })])
        }
    }
}
