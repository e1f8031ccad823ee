import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ProbeTests {
    /// The example job with an exporter's address and short intervals.
    private static func job(_ exporter: RunningExporter) throws -> String {
        try RepositoryFile("prometheus/probes.yml").text()
            .replacing("localhost:10420", with: exporter.addresses[0])
            .replacing("scrape_interval: 1m", with: "scrape_interval: 2s").replacing(
                "refresh_interval: 1m", with: "refresh_interval: 1s"
            )
            .replacing("scrape_timeout: 30s", with: "scrape_timeout: 2s")
    }

    @Test func prometheusProbesDiscoveredBucketsAndAlertsAboutTheUnreachableOne() async throws {
        let simulation = FlashbackSimulation.small(buckets: 6) { $0.hasIllBucket = false }
        for node in simulation.nodes { simulation.setStatus("ONLINE", ofNode: node.ip) }
        let bucket = simulation.buckets[4]
        let rules = try TemporaryDirectory()
        for rule in try RuleFile.all() { try rules.write(rule.hastened(), to: rule.file.url.lastPathComponent) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--probe.enabled", "--probe.interval=1s", "--cache.ttl=1s"]
            try await RunningExporter.running(simulator.url, arguments) { exporter in
                let global = "global: {evaluation_interval: 1s}\nrule_files: [\"\(rules.path("*.yml"))\"]\n"
                try await RunningPrometheus.running(global + Self.job(exporter)) { prometheus in
                    try await prometheus.expect("count(probe_success == 1)", 6)
                    // Nothing else is scraped.
                    try await prometheus.expect("count(up{job!=\"bucket-probes\"})", nil)
                    try await prometheus.expect("count(probe_latency_seconds < 5)", 6)
                    try await prometheus.expect("sum(probe_status{status=\"online\"})", 6)
                    let one = try await prometheus.query("probe_success{bucket_id=\"\(bucket.id)\"}")
                    #expect(
                        one.first?.labels == [
                            "__name__": "probe_success", "job": "bucket-probes", "instance": bucket.id, "bucket_id": bucket.id,
                            "bucket_name": bucket.name,
                        ])

                    simulation.setValidationFailure("no", ofBucket: bucket.id)
                    let firing = "ALERTS{alertname=\"FlashbackBucketProbeFailing\", alertstate=\"firing\"}"
                    try await prometheus.query(firing) { $0.map { $0.labels["bucket_id"] } == [bucket.id] }
                    simulation.setValidationFailure(nil, ofBucket: bucket.id)
                    try await prometheus.expect("count(\(firing))", nil)

                    // An outage of the API says nothing about buckets.
                    simulation.setOutage(.unavailable)
                    try await prometheus.expect("count(probe_failure_info{reason=\"server_error\"})", 6)
                    try await prometheus.query("min_over_time(count(probe_success == 0)[5s:1s])") { $0.first?.value == 6 }
                    try await prometheus.expect("count(\(firing))", nil)
                    simulation.setOutage(nil)

                    // A new bucket is found, and a removed one is dropped.
                    let id = simulation.createBucket(name: "new")
                    simulation.deleteBucket(simulation.buckets[0].id)
                    try await prometheus.expect("up{bucket_id=\"\(id)\"}", 1)
                    try await prometheus.expect("count(up)", 6)
                }
            }
        }
        withExtendedLifetime(rules) {}
    }

    @Test func demoReportsTheUnhealthyBucket() async throws {
        try await RunningExporter.runningDemo(["--buckets", "5", "--probe.enabled"]) { exporter in
            try await RunningPrometheus.running(Self.job(exporter)) { prometheus in
                try await prometheus.allUp(5)
                try await prometheus.expect("count(probe_success)", 5)
                try await prometheus.query("probe_failure_info{reason=\"validation_failed\"}") { $0.count >= 1 }
            }
            struct Group: Decodable { let targets: [String] }
            let groups = try JSONDecoder().decode([Group].self, from: try await exporter.send("GET", "/discovery").body)
            #expect(groups.count == 5)
            for path in groups.flatMap(\.targets).map({ "/probe?target=\($0)" }) + ["/metrics"] {
                let page = try await exporter.send("GET", path)
                let lint = try await RunningProcess.finished(try Program.promtool(), ["check", "metrics"], input: page.body)
                #expect(lint.end == .status(0) && lint.outputText + lint.errorText == "", "\(path): \(lint.errorText)")
            }
        }
    }
}
