import FlashbackSimulator
import Foundation
import TestTools
import Testing

/// The set-up of docs/large-sites.md with real programs: shards, two agents that scrape all of them, VictoriaMetrics, vmalert and
/// Alertmanager.
@Suite(.timeLimit(.minutes(10))) struct LargeSiteTests {
    /// The programs of a test.
    private struct Site {
        let simulation: FlashbackSimulation
        let shards: [RunningExporter]
        let agents: [RunningPrometheus]
        let database: RunningPrometheus
        let receiver: NotificationReceiver
    }

    /// With a sanitizer in the programs, scrapes of more would take longer than the interval between them.
    private static let buckets = sanitizerOptions.isEmpty ? 3000 : 300
    /// Seconds between scrapes, and between evaluations of the rules.
    private static let interval = 3

    private static func running(_ body: @Sendable (Site) async throws -> Void) async throws {
        let simulation = FlashbackSimulation.small(buckets: buckets) {
            $0.hasIllBucket = false
            $0.nodes = 1
        }
        // The schedule of the nodes' outages follows from the time of day.
        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip) }
        let flags = [
            "-dedup.minScrapeInterval=\(interval)s",
            // The default follows from the time between samples: on a stalled machine a late one would look like a lost target.
            "-search.minStalenessInterval=1m",
            "-search.maxQueryDuration=5m",
            // A stalled machine delays queries, and none is refused.
            "-search.maxConcurrentRequests=64", "-search.maxQueueDuration=5m",
        ]
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await exporters(of: 3, reading: simulator.url) { shards in
                try await RunningVictoriaMetrics.storing(.bookworm, flags: flags) { database in
                    let configuration = agent(scraping: shards, writingTo: database)
                    try await RunningPrometheus.agent(.forky, configuration) { first in
                        try await RunningPrometheus.agent(.bookworm, configuration) { second in
                            try await database.expect("count(flashback_bucket_info)", Double(buckets))
                            try await notifying(from: database) { receiver in
                                try await body(
                                    Site(
                                        simulation: simulation, shards: shards, agents: [first, second], database: database,
                                        receiver: receiver))
                            }
                        }
                    }
                }
            }
        }
    }

    /// Starts the shards one after the other.
    private static func exporters(
        of total: Int, reading url: String, running: [RunningExporter] = [], _ body: ([RunningExporter]) async throws -> Void
    ) async throws {
        guard running.count < total else { return try await body(running) }
        let arguments = [
            "--shard.total=\(total)", "--shard.index=\(running.count)", "--flashback.bulk=always", "--cache.ttl", "10m",
            "--collector.ttl", "status=\(3 * interval)s",
        ]
        try await RunningExporter.running(url, arguments) { exporter in
            try await exporters(of: total, reading: url, running: running + [exporter], body)
        }
    }

    /// What the rules about reachability need of three thousand buckets.
    private static let families = [
        "flashback_up", "flashback_bucket_info", "flashback_bucket_node_status", "flashback_bucket_collector_success",
        "flashback_collector_success", "flashback_api_requests_total", "flashback_exporter_build_info",
        "flashback_exporter_shards",
        "flashback_exporter_shard_info",
    ]

    /// The configuration of both agents. VictoriaMetrics removes duplicates of series with the same labels, so nothing tells the
    /// agents apart.
    private static func agent(scraping shards: [RunningExporter], writingTo database: RunningPrometheus) -> String {
        """
        global:
          scrape_interval: \(interval)s
          external_labels: {cluster: flashback}
        scrape_configs:
          - job_name: flashback-exporter
            params: {"name[]": [\(families.joined(separator: ", "))]}
            static_configs: [{targets: [\(shards.map { "\"\($0.addresses[0])\"" }.joined(separator: ", "))]}]
        remote_write:
          - url: http://\(database.address)/api/v1/write
        """
    }

    /// Runs the rules and Alertmanager while the body runs.
    private static func notifying(
        from database: RunningPrometheus, _ body: @Sendable (NotificationReceiver) async throws -> Void
    ) async throws {
        // A scrape or two may time out on a stalled machine.
        let rules = try RuleFile.all().map { try $0.hastened(interval: interval, evaluations: 5) }
        try await NotificationReceiver.receiving { receiver, address in
            try await RunningAlertmanager.notifying(address) { alertmanager in
                try await RunningVictoriaMetrics.evaluating(
                    .bookworm, rules: rules, database: database.address, alertmanager: alertmanager.address
                ) { _ in
                    try await database.expect("account:flashback_reachable:sum", Double(buckets))
                    try await body(receiver)
                }
            }
        }
    }

    @Test func lostAgentChangesNothingAndALostShardAlertsAloneButForItsOwnBuckets() async throws {
        try await Self.running { site in
            let database = site.database
            for agent in site.agents {
                try await eventually("the agent writes") {
                    try await agent.ownMetric("prometheus_remote_storage_samples_total").first ?? 0 > Double(Self.buckets)
                }
            }
            // Both agents write, but a sample for each scrape of one of them counts.
            let window = 5 * Self.interval
            let samples = "count_over_time(flashback_up[\(window)s])"
            let isSingle = { (series: [RunningPrometheus.Series]) in series.count == 3 && series.allSatisfy { $0.value >= 4 } }
            #expect(try await database.query(samples, until: isSingle).allSatisfy { $0.value <= 6 })
            try await database.expect("max(count by (bucket_id) (flashback_bucket_info))", 1)
            try await database.expect("max(count by (bucket_id) (bucket:flashback_reachable:max))", 1)
            try await database.expect("account:flashback_buckets:count", Double(Self.buckets))

            let start = Int(Date().timeIntervalSince1970)
            site.agents[0].process.send(SIGKILL)
            try await site.agents[0].process.end()
            let killed = Int(Date().timeIntervalSince1970)
            // What the other one alone has written.
            try await database.query("min(timestamp(flashback_up)) > \(killed + window)") { $0.count == 1 }
            #expect(try await database.query(samples, until: isSingle).allSatisfy { $0.value <= 6 })
            // In every evaluation since then; a machine that stalls has fewer.
            let since = Int(Date().timeIntervalSince1970) - start
            for series in ["account:flashback_buckets:count", "account:flashback_reachable:sum"] {
                try await database.query("count_over_time(\(series)[\(since)s])") { $0.count == 1 && $0[0].value >= 2 }
                try await database.expect("min_over_time(\(series)[\(since)s])", Double(Self.buckets))
                try await database.expect("max_over_time(\(series)[\(since)s])", Double(Self.buckets))
            }
            try await database.expect("sum(up{job=\"flashback-exporter\"})", 3)
            #expect(site.receiver.firedAlerts == [])

            site.shards[2].process.send(SIGKILL)
            try await database.query("ALERTS{alertname=\"FlashbackShardMissing\", alertstate=\"firing\"}") {
                $0.count == 1
            }
            let firing = try await site.receiver.alert("FlashbackShardMissing", .firing, to: "on-call")
            #expect(
                firing.labels == [
                    "alertname": "FlashbackShardMissing", "severity": "critical", "cluster": "flashback",
                    "job": "flashback-exporter",
                ])
            try await database.query("count(flashback_bucket_info) < \(Self.buckets * 9 / 10)") { $0.count == 1 }
            try await database.expect("min(bucket:flashback_reachable:max)", 1)

            // The other shards' buckets are still watched, and theirs are the only alerts about buckets.
            let watched = try await database.query("flashback_bucket_info{instance=\"\(site.shards[0].addresses[0])\"}")
            let bucket = try #require(watched.first?.labels["bucket_id"])
            for node in site.simulation.nodes { site.simulation.setStatus("OFFLINE", ofNode: node.ip, bucket: bucket) }
            try await database.query("ALERTS{alertname=\"FlashbackBucketUnreachable\", alertstate=\"firing\"}") {
                $0.count == 1
            }
            _ = try await site.receiver.alert("FlashbackBucketUnreachable", .firing, to: "on-call")
            #expect(Set(site.receiver.received.compactMap { $0.alert.labels["bucket_id"] }) == [bucket])
            #expect(
                site.receiver.firedAlerts == [
                    "FlashbackShardMissing", "FlashbackExporterDown", "FlashbackBucketUnreachable",
                ])
        }
    }
}
