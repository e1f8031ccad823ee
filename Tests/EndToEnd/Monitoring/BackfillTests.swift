import FlashbackAPI
import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BackfillTests {
    /// A query of a panel, with the dashboard's variables.
    private static func expression(of panel: String, bucket: String) throws -> String {
        struct Dashboard: Decodable {
            struct Panel: Decodable {
                struct Target: Decodable {
                    let expr: String
                    let range: Bool
                }
                let title: String?
                let targets: [Target]?
            }
            let panels: [Panel]
        }
        let file = try RepositoryFile("grafana/dashboards/flashback-bucket.json").text()
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(file.utf8))
        let target = try #require(dashboard.panels.first { $0.title == panel }?.targets?.first { $0.range }, "\(panel)")
        return target.expr.replacing("$job", with: "flashback").replacing("$instance", with: "exporter:10420")
            .replacing("$account", with: ".*").replacing("$bucket", with: bucket)
    }

    /// Runs promtool and fails with its output.
    private static func promtool(_ arguments: [String]) async throws {
        let promtool = try await RunningProcess.finished(try Program.promtool(), arguments)
        try #require(promtool.end == .status(0), "\(arguments): \(promtool.outputText)\(promtool.errorText)")
    }

    @Test func backfilledMonthFillsTheUptimePanelAndTheRules() async throws {
        let directory = try TemporaryDirectory()
        let today = UTCDay(Date())
        let days = today.advanced(by: -31)..<today.advanced(by: -1)
        let simulation = FlashbackSimulation.small(buckets: 20) { $0.nodes = 2 }
        let file = directory.path("backfill.om")
        try await FlashbackSimulator.serving(simulation) { simulator in
            let process = try await RunningProcess.finished(
                Program.exporter,
                [
                    "backfill", "--from", days.lowerBound.date, "--to", days.upperBound.date, "--output", file, "--label",
                    "job=flashback", "--label", "instance=exporter:10420", "--flashback.url", simulator.url,
                ], environment: ["FLASHBACK_TOKEN": RunningExporter.token])
            try #require(process.end == .status(0), "\(process.errorText)")
        }
        // With the default blocks of two hours, promtool would read the file 360 times.
        try await Self.promtool([
            "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h", file, directory.path("data"),
        ])
        try FileManager.default.removeItem(atPath: file)

        // Without the flag, blocks older than 15 days would be deleted.
        let flags = ["--storage.tsdb.retention.time=10y"]
        try await RunningPrometheus.running("", data: directory.path("data"), flags: flags) { prometheus in
            for bucket in simulation.buckets {
                let expression = try Self.expression(of: "Uptime of the day so far", bucket: bucket.id)
                // The step does not divide the sampling interval, so that queries fall at all positions between samples.
                let (start, end, step) = (days.lowerBound.startSeconds, days.upperBound.startSeconds - 1, 3671)
                let series = try await prometheus.queryRange(expression, from: start, to: end, step: step)
                #expect(series.count == simulation.nodes.count, "\(bucket.name)")
                for one in series {
                    #expect(one.values.count == (end - start) / step + 1, "\(bucket.name): \(one.labels) has gaps")
                    #expect(one.values.allSatisfy { (0...1).contains($0) })
                }
            }
            // The names are from the list, and yesterday is the day before.
            try await prometheus.expect(
                "count(count by (bucket_id, bucket_name) (last_over_time(flashback_bucket_node_daily_uptime_ratio[60d])))", 20)
            let noon = days.upperBound.advanced(by: -1).startSeconds + 43_200
            let yesterdays = try await prometheus.query(
                """
                count(
                  flashback_bucket_node_daily_uptime_ratio{day="yesterday"} @ \(noon)
                  == ignoring (day) flashback_bucket_node_daily_uptime_ratio{day="today"} @ \(noon - 86_400)
                )
                """)
            #expect(yesterdays.map(\.value) == [40])

            // The recording rules for the past, evaluated against these blocks as in docs/backfill.md.
            try await Self.promtool([
                "tsdb", "create-blocks-from", "rules", "--url=http://\(prometheus.address)",
                "--start=\(days.lowerBound.startSeconds)", "--end=\(days.lowerBound.startSeconds + 86_399)", "--eval-interval=5m",
                "--output-dir=\(directory.path("recorded"))", RepositoryFile("prometheus/backfill.rules.yml").path,
            ])
        }
        try await RunningPrometheus.running("", data: directory.path("recorded"), flags: flags) { prometheus in
            let noon = days.lowerBound.startSeconds + 43_200
            for name in ["uptime_today_ratio:max", "latency_yesterday_seconds:min", "bucket_name:info"] {
                let recorded = try await prometheus.query("bucket:flashback_\(name) @ \(noon)")
                #expect(recorded.count == 20, "\(name)")
                #expect(
                    recorded.allSatisfy { Set($0.labels.keys) == ["__name__", "job", "bucket_id", "bucket_name"] }, "\(recorded)")
            }
        }
    }

    @Test func strictOpenMetricsParserReadsBackfillsOfTwoAccountsWithUnusualLabels() async throws {
        let directory = try TemporaryDirectory()
        let today = UTCDay(Date())
        let simulation = FlashbackSimulation.small(buckets: 4)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let token = try directory.write(RunningExporter.token, to: "token")
            let configuration = try directory.write(
                """
                flashback:
                  url: \(simulator.url)
                accounts:
                  - name: "Ana's \\"raw\\""
                    token-file: \(token)
                  - name: b
                    token-file: \(token)
                """, to: "exporter.yml")
            let process = try await RunningProcess.finished(
                Program.exporter,
                [
                    "backfill", "--from", today.advanced(by: -3).date, "--to", today.date, "--output",
                    directory.path("backfill.om"), "--step", "1h", "--label", "site=\\ \" \n é", "--config.file", configuration,
                ])
            try #require(process.end == .status(0), "\(process.errorText)")
            let body = try Data(contentsOf: URL(filePath: directory.path("backfill.om")))
            let samples = try await Python.openMetricsSamples(in: body)
            // Two accounts, four buckets, three nodes: two series for today and four for yesterday, and two for the account.
            #expect(samples == 2 * (4 * 3 * 6 + 2) * 3 * 24)
            #expect(process.errorText.hasSuffix("wrote \(samples) samples to \(directory.path("backfill.om"))\n"))
        }
    }
}
