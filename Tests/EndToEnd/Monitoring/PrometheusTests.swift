import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct PrometheusTests {
    @Test func promtoolAcceptsTheMetrics() async throws {
        try await RunningExporter.runningDemo { exporter in
            let metrics = try await exporter.send("GET", "/metrics")
            let promtool = try await RunningProcess.finished(
                try Program.promtool(), ["check", "metrics"], input: metrics.body)
            #expect(promtool.end == .status(0))
            #expect(promtool.outputText + promtool.errorText == "")
        }
    }

    @Test func prometheusScrapesAndQueriesTheDemo() async throws {
        try await RunningExporter.runningDemo(["--buckets", "5", "--nodes", "3"]) { exporter in
            try await RunningPrometheus.scraping(exporter.addresses) { prometheus in
                try await prometheus.allUp(1)
                try await prometheus.expect("flashback_up", 1)
                try await prometheus.expect("count(flashback_bucket_info)", 5)
                try await prometheus.expect("count(flashback_bucket_node_info)", 15)
                // One series per state, of which exactly one is 1.
                try await prometheus.expect("count(flashback_bucket_status)", 20)
                try await prometheus.expect("count(sum without (status) (flashback_bucket_status) == 1)", 5)
                try await prometheus.expect("count(sum without (status) (flashback_bucket_node_status) == 1)", 15)
                try await prometheus.expect("count(flashback_bucket_node_latency_seconds < 5)", 15)
                try await prometheus.query("count(flashback_bucket_node_daily_uptime_ratio <= 1)") { $0.first?.value ?? 0 > 0 }
                // The first bucket's totals exceed 2^53.
                try await prometheus.expect("count(flashback_bucket_upload_bytes_total > 2^53)", 1)
                try await prometheus.expect("flashback_daily_stats_day_timestamp_seconds{day=\"today\"} % 86400", 0)
                let days = "flashback_daily_stats_day_timestamp_seconds"
                try await prometheus.expect("\(days){day=\"today\"} - ignoring (day) \(days){day=\"yesterday\"}", 86_400)
                // The `_info` series can be joined on the labels that identify a bucket.
                let joined = try await prometheus.query(
                    "flashback_bucket_available * on (bucket_id, bucket_name) group_left (storage_type) flashback_bucket_info"
                ) { $0.count == 5 }
                #expect(joined.allSatisfy { ["S3", "GCS", "BLOB"].contains($0.labels["storage_type"] ?? "") })
                try await prometheus.query(
                    "histogram_quantile(0.99, sum by (le) (flashback_api_request_duration_seconds_bucket))"
                ) { $0.count == 1 && (0.01...30).contains($0[0].value) }
                try await prometheus.expect("sum(flashback_api_requests_total{code!=\"200\"}) or vector(0)", 0)
            }
        }
    }

    @Test func nextScrapeShowsBucketChanges() async throws {
        let simulation = FlashbackSimulation.small()
        let watched = simulation.buckets[0].id
        let node = simulation.nodes[0].ip
        simulation.setTotals(SimulatedTotals(count: 7, uploadBytes: 1 << 40, downloadBytes: 5, sizeChange: -9), ofBucket: watched)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s"]) { exporter in
                try await RunningPrometheus.scraping(exporter.addresses) { prometheus in
                    try await prometheus.allUp(1)
                    try await prometheus.expect("flashback_bucket_requests_total{bucket_id=\"\(watched)\"}", 7)
                    try await prometheus.expect(
                        "flashback_bucket_upload_bytes_total{bucket_id=\"\(watched)\"}", 1_099_511_627_776)
                    try await prometheus.expect("flashback_bucket_size_change_bytes{bucket_id=\"\(watched)\"}", -9)

                    let id = simulation.createBucket(name: "first name")
                    simulation.setStatus("OFFLINE", ofBucket: watched)
                    simulation.setStatus("DISCONNECTED", ofNode: node, bucket: watched)
                    try await prometheus.expect("flashback_bucket_info{bucket_name=\"first name\"}", 1)
                    try await prometheus.expect("flashback_bucket_status{bucket_id=\"\(watched)\",status=\"offline\"}", 1)
                    try await prometheus.expect("flashback_bucket_status{bucket_id=\"\(watched)\",status=\"online\"}", 0)
                    try await prometheus.expect(
                        "flashback_bucket_node_status{bucket_id=\"\(watched)\",node=\"\(node)\",status=\"disconnected\"}", 1)

                    simulation.renameBucket(id, to: "second name")
                    try await prometheus.expect("flashback_bucket_info{bucket_name=\"second name\"}", 1)
                    try await prometheus.expect("flashback_bucket_info{bucket_name=\"first name\"}", nil)

                    simulation.deleteBucket(id)
                    try await prometheus.expect("count({bucket_id=\"\(id)\"})", nil)
                    try await prometheus.expect("count(flashback_bucket_info)", 3)

                    simulation.setOutage(.unavailable)
                    try await prometheus.expect("flashback_up", 0)
                    try await prometheus.expect("up", 1)
                    simulation.setOutage(nil)
                    try await prometheus.expect("flashback_up", 1)
                }
            }
        }
    }
}
