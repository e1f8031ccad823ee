import FlashbackSimulator
import Foundation
import TestTools
import Testing

/// vmalert, which evaluates the rules in MetricsQL, beside Prometheus. docs/alerts.md names the differences.
@Suite(.timeLimit(.minutes(10))) struct RulerTests {
    @Test(arguments: [DebianRelease.bookworm, .forky]) func vmalertAcceptsEveryRule(_ release: DebianRelease) async throws {
        let files = try RuleFile.all().map { "-rule=\($0.file.path)" }
        let check = try await RunningProcess.finished(try release.vmalert(), ["-dryRun"] + files)
        #expect(check.end == .status(0), "\(check.errorText)")
    }

    @Test func vmalertRecordsAndFiresWhatPrometheusDoes() async throws {
        let simulation = FlashbackSimulation.small { $0.hasIllBucket = false }
        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip) }
        // The API's statistics of the day depend on the time of the test.
        let arguments = [
            "--cache.ttl", "1s", "--cache.max-stale", "3s", "--no-collector.daily", "--no-collector.yesterday",
            "--collector.repositories",
        ]
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, arguments) { exporter in
                try await RunningPrometheus.scrapingWithRules(exporter.addresses) { prometheus in
                    // Both at once, as most of the time is spent waiting.
                    try await Self.evaluating(.bookworm, exporter) { oldRuler, oldDatabase in
                        try await Self.evaluating(.forky, exporter) { newRuler, newDatabase in
                            try await Self.expectSameResults(in: [oldDatabase, newDatabase], as: prometheus, of: simulation)
                            try await Self.expectSameRules(of: [oldRuler, newRuler], as: prometheus)
                        }
                    }
                }
            }
        }
    }

    private static func expectSameRules(
        of rulers: [RunningVictoriaMetrics.Ruler], as prometheus: RunningPrometheus
    ) async throws {
        let count = try await prometheus.rules().count
        for ruler in rulers {
            let rules = try await ruler.rules()
            #expect(rules.count == count)
            for rule in rules { #expect(rule.health == "ok" && rule.lastError ?? "" == "", "\(rule)") }
        }
    }

    /// What is recorded and fires while all is well, while a bucket cannot be reached and while the API fails.
    private static func expectSameResults(
        in databases: [RunningPrometheus], as prometheus: RunningPrometheus, of simulation: FlashbackSimulation
    ) async throws {
        try await prometheus.query("bucket:flashback_reachable:max == 1") { $0.count == 3 }
        try await expectEqual(prometheus, databases)

        let bucket = simulation.buckets[1].id
        for node in simulation.nodes { simulation.setStatus("OFFLINE", ofNode: node.ip, bucket: bucket) }
        try await expectFiring("FlashbackBucketUnreachable", in: [prometheus] + databases)
        try await expectEqual(prometheus, databases)

        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip, bucket: bucket) }
        simulation.setOutage(.unavailable)
        try await expectFiring("FlashbackAPIDown", in: [prometheus] + databases)
        // No bucket's series is left, and no alert about a bucket.
        for server in [prometheus] + databases {
            try await server.expect("count(ALERTS{alertstate=\"firing\", bucket_id!=\"\"})", nil)
        }
    }

    /// Runs VictoriaMetrics, which scrapes an exporter, and vmalert while the body runs.
    private static func evaluating(
        _ release: DebianRelease, _ exporter: RunningExporter,
        _ body: @Sendable (RunningVictoriaMetrics.Ruler, RunningPrometheus) async throws -> Void
    ) async throws {
        let configuration = """
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: flashback
                static_configs: [{targets: ["\(exporter.addresses[0])"]}]
            """
        let rules = try RuleFile.all().map { try $0.hastened() }
        try await RunningVictoriaMetrics.storing(release, configuration: configuration) { database in
            // A rule whose alerts cannot be sent is reported as failed.
            try await NotificationReceiver.receiving { _, address in
                try await RunningVictoriaMetrics.evaluating(
                    release, rules: rules, database: database.address, alertmanager: address
                ) { ruler in
                    try await body(ruler, database)
                }
            }
        }
    }

    private static func expectFiring(_ alert: String, in servers: [RunningPrometheus]) async throws {
        for server in servers {
            try await server.query("ALERTS{alertname=\"\(alert)\", alertstate=\"firing\"}") { $0.count == 1 }
        }
    }

    /// Waits until each database has the same recorded series as Prometheus, with the same values where these do not change from
    /// second to second, and the same alerts.
    private static func expectEqual(_ prometheus: RunningPrometheus, _ databases: [RunningPrometheus]) async throws {
        for database in databases { try await expectEqual(prometheus, database) }
    }

    private static func expectEqual(_ prometheus: RunningPrometheus, _ database: RunningPrometheus) async throws {
        var differences: [String] = []
        for _ in 0..<150 {
            let before = try await recorded(by: prometheus)
            let other = try await recorded(by: database)
            let after = try await recorded(by: prometheus)
            differences = Set(before.keys).symmetricDifference(other.keys).map { "\($0)" }
            differences += other.filter { series, value in
                // Rates are not extrapolated in MetricsQL. Ages, and counts of bad minutes, are those at the time of an evaluation.
                ["rate", "_age_", "flashback_error_"].allSatisfy { !series.name.contains($0) } && before[series] == after[series]
                    // The simulation's traffic goes on.
                    && before[series].map { abs($0 - value) > 1e-4 * abs($0) } == true
            }.map { "\($0.key): \($0.value), not \(before[$0.key] ?? .nan)" }
            if differences.isEmpty && before.count > 50 { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(differences.sorted())")
    }

    private static func recorded(by server: RunningPrometheus) async throws -> [StoredSeries.Identity: Double] {
        try await StoredSeries(queriedFrom: server).values.filter { $0.key.name.contains(":") || $0.key.name == "ALERTS" }
    }
}
