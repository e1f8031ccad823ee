import TestTools

extension RunningPrometheus {
    /// Runs Prometheus with the hastened rules of this project while the body runs.
    ///
    /// What counts minutes over a window soon gives too much, which does not matter for tests that only need data to exist.
    /// - Parameter targets: `host:port` of what it scrapes; all of it is one job, as while one exporter is replaced by another.
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
