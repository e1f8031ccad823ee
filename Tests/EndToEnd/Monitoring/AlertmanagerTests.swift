import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct AlertmanagerTests {
    /// The programs of a test: the simulated API, the exporter, Prometheus with accelerated rules, Alertmanager and its receiver.
    private struct Chain {
        let simulation: FlashbackSimulation
        let prometheus: RunningPrometheus
        let receiver: NotificationReceiver
    }

    private static func running(_ arguments: [String] = [], _ body: @Sendable (Chain) async throws -> Void) async throws {
        let simulation = FlashbackSimulation.small { $0.hasIllBucket = false }
        // The schedule of the nodes' outages depends on the time of day.
        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip) }
        let directory = try TemporaryDirectory()
        let rules = try RuleFile.all().map { rule in
            try directory.write(try rule.hastened(), to: rule.file.url.lastPathComponent)
        }
        try await NotificationReceiver.receiving { receiver, address in
            try await RunningAlertmanager.notifying(address) { alertmanager in
                try await FlashbackSimulator.serving(simulation) { simulator in
                    // The API's daily statistics depend on the time of the test.
                    let collectors = ["--no-collector.daily", "--no-collector.yesterday"]
                    let arguments = ["--cache.ttl", "1s", "--cache.max-stale", "3s"] + collectors + arguments
                    try await RunningExporter.running(simulator.url, arguments) { exporter in
                        let configuration = """
                            global:
                              scrape_interval: 1s
                              evaluation_interval: 1s
                            rule_files: [\(rules.map { "\"\($0)\"" }.joined(separator: ", "))]
                            alerting:
                              alertmanagers:
                                - static_configs:
                                    - targets: ["\(alertmanager.address)"]
                            scrape_configs:
                              - job_name: flashback
                                static_configs:
                                  - targets: ["\(exporter.addresses[0])"]
                            """
                        try await RunningPrometheus.running(configuration) { prometheus in
                            try await prometheus.query("bucket:flashback_reachable:max == 1") { $0.count == 3 }
                            try await body(Chain(simulation: simulation, prometheus: prometheus, receiver: receiver))
                        }
                    }
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func unreachableBucketNotifiesAndResolves() async throws {
        try await Self.running { chain in
            let bucket = chain.simulation.buckets[1]
            let nodes = chain.simulation.nodes.map(\.ip)

            // Only some of the nodes, which must not page.
            chain.simulation.setStatus("OFFLINE", ofNode: nodes[0], bucket: bucket.id)
            let degraded = try await chain.receiver.alert("FlashbackBucketDegraded", .firing, to: "working-hours")
            #expect(degraded.labels["bucket_id"] == bucket.id)
            #expect(!chain.receiver.firedAlerts.contains("FlashbackBucketUnreachable"))

            for node in nodes { chain.simulation.setStatus("DISCONNECTED", ofNode: node, bucket: bucket.id) }
            let firing = try await chain.receiver.alert("FlashbackBucketUnreachable", .firing, to: "on-call")
            #expect(
                firing.labels == [
                    "alertname": "FlashbackBucketUnreachable", "severity": "critical", "job": "flashback", "bucket_id": bucket.id,
                    "bucket_name": bucket.name,
                ])
            #expect(firing.annotations["summary"] == "Bucket \(bucket.name) cannot be reached through any node.")
            // The URL is on Prometheus' own server, at any address.
            #expect(
                firing.annotations["runbook_url"]?.wholeMatch(
                    of: /http:\/\/[^\/{]+\/consoles\/flashback\/FlashbackBucketUnreachable\.md/)
                    != nil, "\(firing.annotations)")

            // The outage lasts long enough for the windows to include it.
            let selector = "{bucket_id=\"\(bucket.id)\"}"
            try await chain.prometheus.query("bucket:flashback_error_ratio:avg_over_time1h\(selector) > 0.1") { $0.count == 1 }
            for node in nodes { chain.simulation.setStatus("ONLINE", ofNode: node, bucket: bucket.id) }
            let resolved = try await chain.receiver.alert("FlashbackBucketUnreachable", .resolved, to: "on-call")
            #expect(resolved.labels == firing.labels)
            // There was no notification about other buckets.
            #expect(Set(chain.receiver.received.compactMap { $0.alert.labels["bucket_id"] }) == [bucket.id])

            // The windows include the outage for minutes after its end. This must not page again.
            try await chain.prometheus.query("sum_over_time(bucket:flashback_reachable:max\(selector)[20s:1s])") {
                $0.first.map { $0.value >= 15 } == true
            }
            try await chain.prometheus.query("bucket:flashback_error_ratio:avg_over_time1h\(selector) > 0.08") { $0.count == 1 }
            let paged = Set(chain.receiver.received.filter { $0.receiver == "on-call" }.map(\.alert.name))
            #expect(paged == ["FlashbackBucketUnreachable"])
        }
    }

    @Test func failingNodeIsOneNotification() async throws {
        try await Self.running { chain in
            let node = chain.simulation.nodes[0].ip
            chain.simulation.setStatus("OFFLINE", ofNode: node)
            let firing = try await chain.receiver.alert("FlashbackNodeDown", .firing, to: "working-hours")
            #expect(firing.labels == ["alertname": "FlashbackNodeDown", "severity": "warning", "job": "flashback", "node": node])
            #expect(chain.receiver.firedAlerts == ["FlashbackNodeDown"])
        }
    }

    @Test(
        arguments: [SimulatedOutage.unavailable, .hanging])
    func apiOutageNotifiesWithoutBucketAlerts(_ outage: SimulatedOutage) async throws {
        try await Self.running(["--flashback.timeout", "3s"]) { chain in
            chain.simulation.setOutage(outage)
            let firing = try await chain.receiver.alert("FlashbackAPIDown", .firing, to: "on-call")
            #expect(firing.labels["severity"] == "critical")
            // This is long after the buckets' series have ended and alerts about them would have fired.
            try await chain.prometheus.query("count({bucket_id!=\"\"})") { $0.isEmpty }
            let firingFor = "count_over_time(ALERTS{alertname=\"FlashbackAPIDown\", alertstate=\"firing\"}[5m])"
            try await chain.prometheus.query(firingFor) { $0.first.map { $0.value >= 8 } == true }
            #expect(chain.receiver.firedAlerts == ["FlashbackAPIDown"])

            chain.simulation.setOutage(nil)
            _ = try await chain.receiver.alert("FlashbackAPIDown", .resolved, to: "on-call")
            try await chain.prometheus.query("bucket:flashback_reachable:max == 1") { $0.count == 3 }
            #expect(chain.receiver.firedAlerts == ["FlashbackAPIDown"])
        }
    }

    /// An alert, another alert that it does or does not mute, and the labels that they do or do not share.
    struct Pair: CustomTestStringConvertible {
        let source: [String: String]
        let target: [String: String]
        let isMuted: Bool

        private static let labels = ["job", "account", "instance", "bucket_id"]

        /// - Parameters:
        ///   - source: the alert's name without `Flashback`, its severity, and other labels like `collector=status`.
        ///   - shard: the shard of the source; the target has none.
        init(
            _ source: String, _ target: String, _ isMuted: Bool, sharing: [String] = labels, shard: String? = nil,
            inOneCluster: Bool = true
        ) {
            self.isMuted = isMuted
            func labels(_ text: String, _ own: String) -> [String: String] {
                let words = text.split(separator: " ").map(String.init)
                var labels = ["alertname": "Flashback\(words[0])", "severity": words[1], "cluster": inOneCluster ? "same" : own]
                for name in Self.labels { labels[name] = sharing.contains(name) ? "same" : own }
                for word in words.dropFirst(2) {
                    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                    labels[parts[0]] = parts[1]
                }
                return labels
            }
            self.source = labels(source, "source").merging(shard.map { ["shard": $0] } ?? [:]) { $1 }
            self.target = labels(target, "target")
        }

        var testDescription: String {
            "\(source["alertname"] ?? "") \(isMuted ? "mutes" : "leaves") \(target["alertname"] ?? "")"
        }
    }

    private static let bucketAlerts = [
        "BucketUnreachable critical", "BucketDegraded warning", "BucketErrorBudgetBurn critical", "BucketLatencyHigh warning",
        "BucketNodeDataStale warning", "BucketUptimeLow warning", "TrafficDropped warning", "CounterRegressions info",
        "StatusUnknown warning", "StatusUnreadable critical", "NodeDown warning", "BucketsVanished critical",
    ]

    private static let pairs: [Pair] =
        ["APIDown critical", "AuthFailing critical"].flatMap { source in
            bucketAlerts.map { Pair(source, $0, true, sharing: ["job", "account"]) }
        } + bucketAlerts.map { Pair("ExporterDown critical", $0, true, sharing: ["job"]) } + [
            // Another account, and buckets on other shards.
            Pair("APIDown critical", "BucketUnreachable critical", false, sharing: ["job"]),
            Pair("AuthFailing critical", "BucketUnreachable critical", false, sharing: ["job"]),
            Pair("APIDown critical", "BucketUnreachable critical", false, sharing: ["job", "account"], shard: "1"),
            Pair("AuthFailing critical", "BucketUnreachable critical", false, sharing: ["job", "account"], shard: "1"),
            Pair("ShardMissing critical", "BucketUnreachable critical", false),
            Pair("APIDown critical", "CollectorStale warning", true, shard: "1"),
            Pair("APIDown critical", "CollectorStale warning", false, sharing: ["job", "instance"]),
            Pair("ExporterDown critical", "APIDown critical", true, sharing: ["job", "instance"]),
            Pair("APIDown critical", "BucketUnreachable critical", false, sharing: []),
            // One of several exporters.
            Pair("ExporterDown warning", "BucketUnreachable critical", false, sharing: ["job"]),
            Pair("ExporterDown critical", "APIDown critical", true),
            Pair("AuthFailing critical", "APIDown critical", true),
            Pair("APIDown critical", "AuthFailing critical", false),
            Pair("APIDown critical", "CollectorStale warning", true),
            Pair("APIDown critical", "TokenExpiring warning", true),
            Pair("APIDown critical", "Throttled warning", true),
            Pair("Throttled warning", "CollectorStale warning", true),
            Pair("Throttled warning", "CollectorStale warning", false, sharing: ["job"]),
            Pair("BucketUnreachable critical", "BucketDegraded warning", true, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketUnreachable critical", "BucketLatencyHigh warning", true, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketUnreachable critical", "BucketErrorBudgetBurn critical", true, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketUnreachable critical", "BucketUptimeLow warning", true, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketUnreachable critical", "TrafficDropped warning", true, sharing: ["job", "account", "bucket_id"]),
            // The probes' job is not the exporter's.
            Pair("BucketUnreachable critical", "BucketProbeFailing critical", true, sharing: ["account", "bucket_id"]),
            Pair("BucketUnreachable critical", "BucketProbeFailing critical", false, sharing: ["account"]),
            Pair("BucketUnreachable critical", "BucketProbeFailing critical", false, sharing: ["bucket_id"]),
            Pair("BucketUnreachable critical", "BucketNodeDataStale warning", false, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketUnreachable critical", "BucketDegraded warning", false, sharing: ["job", "account"]),
            Pair("BucketUnreachable critical", "BucketDegraded warning", false, sharing: ["job", "bucket_id"]),
            Pair("BucketDegraded warning", "BucketUnreachable critical", false, sharing: ["job", "account", "bucket_id"]),
            Pair(
                "BucketErrorBudgetBurn critical", "BucketErrorBudgetBurn warning", true, sharing: ["job", "account", "bucket_id"]),
            Pair("BucketErrorBudgetBurn critical", "BucketErrorBudgetBurn warning", false, sharing: ["job"]),
            Pair("Throttled warning", "CollectorTooSlow warning", true),
            Pair("ExporterDown critical", "ScrapesFailing warning", true, sharing: ["job", "instance"]),
            Pair("StatusUnreadable critical", "StatusUnknown warning", true, sharing: ["job", "account"]),
            Pair("StatusUnreadable critical", "StatusUnknown warning", false, sharing: ["job", "account"], shard: "1"),
            Pair(
                "StatusUnreadable critical", "CollectorStale warning collector=status", true, sharing: ["job", "account"],
                shard: "1"),
            Pair("StatusUnreadable critical", "CollectorStale warning collector=totals", false, sharing: ["job", "account"]),
            Pair("NodeDown warning", "BucketUnreachable critical", false),
            Pair("ShardMissing critical", "BucketsVanished warning", true, sharing: ["job"]),
            Pair("ShardMissing critical", "BucketsVanished warning", false, sharing: ["job"], inOneCluster: false),
            // Alerts with the same names in another cluster are unrelated.
            Pair("ExporterDown critical", "BucketUnreachable critical", false, inOneCluster: false),
            Pair("APIDown critical", "BucketUnreachable critical", false, inOneCluster: false),
            Pair("APIDown critical", "CollectorStale warning", false, inOneCluster: false),
            Pair("BucketUnreachable critical", "BucketDegraded warning", false, inOneCluster: false),
            Pair("StatusUnreadable critical", "StatusUnknown warning", false, inOneCluster: false),
            Pair("BucketErrorBudgetBurn critical", "BucketErrorBudgetBurn warning", false, inOneCluster: false),
        ]

    @Test func causeInhibitsItsConsequences() async throws {
        try await NotificationReceiver.receiving { _, address in
            try await RunningAlertmanager.notifying(address) { alertmanager in
                // All pairs at once, each with its own labels.
                func apart(_ labels: [String: String], _ index: Int) -> [String: String] {
                    var apart = labels.merging(["job": "\(labels["job"] ?? "")-\(index)", "pair": "\(index)"]) { $1 }
                    // Probes have a different job than the exporter, so pairs with probes share only the bucket.
                    if let bucket = labels["bucket_id"] { apart["bucket_id"] = "\(bucket)-\(index)" }
                    return apart
                }
                for (index, pair) in Self.pairs.enumerated() {
                    try await alertmanager.add(apart(pair.source, index))
                    try await alertmanager.add(apart(pair.target, index))
                }
                let alerts = try await alertmanager.alerts()
                #expect(alerts.count == 2 * Self.pairs.count)
                for (index, pair) in Self.pairs.enumerated() {
                    let target = alerts.first { $0.labels == apart(pair.target, index) }
                    #expect(
                        target?.status.state == (pair.isMuted ? "suppressed" : "active"), "\(pair.testDescription) (\(index))")
                    // A muting alert is not muted by the alerts that it mutes.
                    guard pair.isMuted else { continue }
                    let source = alerts.first { $0.labels == apart(pair.source, index) }
                    #expect(source?.status.state == "active", "\(pair.testDescription) (\(index))")
                }
            }
        }
    }

    @Test(
        arguments: [
            (
                ["alertname": "FlashbackBucketUnreachable", "bucket_id": "b/1"],
                "/d/flashback-bucket?var-bucket=b%2F1&var-job=a+b"
            ),
            (["alertname": "FlashbackNodeDown", "node": "10.0.0.1"], "/d/flashback-nodes?var-node=10.0.0.1&var-job=a+b"),
            (
                ["alertname": "FlashbackCollectorStale", "instance": "e:1", "account": "q&a"],
                "/d/flashback-exporter?var-instance=e%3A1&var-job=a+b&var-account=q%26a"
            ),
            (["alertname": "FlashbackBucketsVanished"], "/d/flashback-overview?&var-job=a+b"),
            (["alertname": "FlashbackShardMissing"], "/d/flashback-exporter?&var-job=a+b"),
        ])
    func templateRendersTheDashboardOfTheAlert(_ labels: [String: String], _ address: String) async throws {
        let directory = try TemporaryDirectory()
        let alert = ["labels": labels.merging(["job": "a b"]) { $1 }]
        let data = try JSONSerialization.data(withJSONObject: ["alerts": [alert]])
        let file = try directory.write(String(decoding: data, as: UTF8.self), to: "data.json")
        let amtool = try await RunningProcess.finished(
            try Program.amtool(),
            [
                "template", "render", "--template.glob=\(RepositoryFile("prometheus/alertmanager.tmpl").path)",
                "--template.data=\(file)", "--template.text={{ range .Alerts }}{{ template \"flashback.dashboard\" . }}{{ end }}",
            ])
        #expect(amtool.end == .status(0), "\(amtool.errorText)")
        #expect(amtool.outputText.trimmingCharacters(in: .whitespacesAndNewlines) == address)
    }

    @Test(
        arguments: [("critical", "on-call"), ("warning", "working-hours"), ("info", "log")])
    func severitySelectsTheReceiver(_ severity: String, _ receiver: String) async throws {
        let file = RepositoryFile("prometheus/alertmanager.yml").path
        let amtool = try await RunningProcess.finished(
            try Program.amtool(), ["config", "routes", "test", "--config.file=\(file)", "alertname=Any", "severity=\(severity)"])
        #expect(amtool.end == .status(0), "\(amtool.errorText)")
        #expect(amtool.outputText.trimmingCharacters(in: .whitespacesAndNewlines) == receiver)
    }
}
