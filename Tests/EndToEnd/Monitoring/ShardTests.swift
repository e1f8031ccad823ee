import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct ShardTests {
    @Test func shardsServeEveryBucketOnceAndAMissingShardAlerts() async throws {
        let simulation = FlashbackSimulation.small(buckets: 20)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--cache.ttl", "1s", "--shard.total=2"]
            try await RunningExporter.running(simulator.url, arguments + ["--shard.index=0"]) { first in
                try await RunningExporter.running(simulator.url, arguments + ["--shard.index=1"]) { second in
                    try await RunningPrometheus.scrapingWithRules(first.addresses + second.addresses) { prometheus in
                        try await prometheus.expect("count(flashback_bucket_info)", 20)
                        try await prometheus.expect("max(count by (bucket_id) (flashback_bucket_info))", 1)
                        try await prometheus.expect("count(bucket:flashback_reachable:max)", 20)
                        try await prometheus.expect("max(node:flashback_buckets:count)", 20)
                        try await prometheus.expect("count(shard:flashback_up:max{shard=~\"0|1\"} == 1)", 2)
                        try await prometheus.expect("job:flashback_shards_missing:count", 0)

                        second.process.send(SIGTERM)
                        try await prometheus.expect("job:flashback_shards_missing:count", 1)
                        let firing = "ALERTS{alertname=\"FlashbackShardMissing\", severity=\"critical\"}"
                        try await prometheus.query(firing) { $0.contains { $0.labels["job"] == "flashback" } }
                    }
                }
            }
        }
    }
}
