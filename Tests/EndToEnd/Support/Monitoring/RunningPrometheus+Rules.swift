import TestTools

extension RunningPrometheus {
    /// Runs Prometheus with this project's accelerated rules while the body runs.
    ///
    /// Rules that count minutes over a window soon return too large values, which does not matter for tests that only need data to exist.
    /// - Parameter targets: the `host:port` of each target. All are in one job, as while one exporter replaces another.
    static func scrapingWithRules<Result>(
        _ targets: [String], _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        for (number, rules) in try RuleFile.all().enumerated() {
            try directory.write(rules.hastened(), to: "\(number).rules.yml")
        }
        let list = targets.map { "\"\($0)\"" }.joined(separator: ", ")
        let result = try await running(
            """
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: ["\(directory.path("*.rules.yml"))"]
            scrape_configs:
              - job_name: flashback
                static_configs:
                  - targets: [\(list)]
            """, body)
        withExtendedLifetime(directory) {}
        return result
    }
}
