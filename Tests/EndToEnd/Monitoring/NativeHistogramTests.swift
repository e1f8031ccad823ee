import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct NativeHistogramTests {
    /// The queries of the panels about request durations, with the variables that Grafana substitutes for all jobs.
    private static func queries() throws -> [String] {
        struct Dashboard: Decodable {
            struct Panel: Decodable {
                struct Target: Decodable {
                    let expr: String
                }
                let targets: [Target]?
                let panels: [Panel]?

                var all: [Panel] { [self] + (panels ?? []).flatMap(\.all) }
            }
            let panels: [Panel]
        }
        let file = try Data(contentsOf: RepositoryFile("grafana/dashboards/flashback-exporter.json").url)
        let panels = try JSONDecoder().decode(Dashboard.self, from: file).panels.flatMap(\.all)
        let expressions = panels.flatMap { $0.targets ?? [] }.map(\.expr).filter { $0.contains("histogram_quantile") }
        let runbook = try RepositoryFile("docs/runbooks/FlashbackAPIDown.md").text()
        let documented = runbook.matches(of: /(?s)```promql\n(.*?)\n *```/).map { String($0.1) }
            .filter { $0.contains("histogram_quantile") }
        try #require(!documented.isEmpty)
        return (expressions + documented).map {
            $0.replacing("$job", with: ".+").replacing("$instance", with: ".+").replacing("$account", with: ".*")
                .replacing("$__rate_interval", with: "1m")
        }
    }

    /// Both forms in which Prometheus keeps a histogram. A native one also represents the result of `convert_classic_histograms_to_nhcb`:
    /// neither has `_bucket` or `le`.
    @Test(arguments: ["classic", "native"])
    func durationQueriesReturnData(_ form: String) async throws {
        let queries = try Self.queries()
        #expect(queries.count == 5)
        try await RunningProcess.running(
            try Program.python(), ["-u", RepositoryFile("grafana/source/tests/histogram_target.py").path, form]
        ) { target in
            let address = try await target.line(of: .output, containing: "127.0.0.1:")
            let configuration = """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: flashback
                    static_configs: [{targets: ["\(address)"]}]
                """
            try await RunningPrometheus.running(configuration, flags: ["--enable-feature=native-histograms"]) { prometheus in
                let name = "flashback_api_request_duration_seconds"
                let (kept, other) = form == "native" ? (name, "\(name)_bucket") : ("\(name)_bucket", name)
                // Counted, because the value of a native histogram is not a number.
                try await prometheus.query("count(\(kept))") { !$0.isEmpty }
                #expect(try await prometheus.query("count(\(other))").isEmpty)
                for query in queries {
                    let series = try await prometheus.query(query) { !$0.isEmpty && $0.allSatisfy { $0.value > 0 } }
                    #expect(series.count == 1, "\(query)")
                }
            }
        }
    }
}
