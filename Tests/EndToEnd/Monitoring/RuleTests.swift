import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct RuleTests {
    @Test func promtoolAndAmtoolAcceptRulesAndExamples() async throws {
        let rules = try RuleFile.all().map(\.file.path)
        #expect(rules.count >= 2)
        let checks = [
            (try Program.promtool(), ["check", "rules", "--lint=all", "--lint-fatal"] + rules),
            (try Program.promtool(), ["check", "config", RepositoryFile("prometheus/prometheus.yml").path]),
            (try Program.amtool(), ["check-config", RepositoryFile("prometheus/alertmanager.yml").path]),
        ]
        for (program, arguments) in checks {
            let check = try await RunningProcess.finished(program, arguments)
            #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
        }
    }

    @Test func examplePrometheusConfigurationLoadsEveryRuleFile() throws {
        let example = try RepositoryFile("prometheus/prometheus.yml").text()
        for rule in try RuleFile.all() {
            #expect(example.contains("  - rules/\(rule.file.url.lastPathComponent)\n"))
        }
    }

    @Test func everyAlertHasSeverityAnnotationsAndRunbook() async throws {
        let alerts = try await RunningPrometheus.withRules { try await $0.rules() }.filter { $0.type == .alerting }
        #expect(Set(alerts.map(\.name)).count == 31)
        for alert in alerts {
            let labels = alert.labels ?? [:]
            let annotations = alert.annotations ?? [:]
            #expect(["critical", "warning", "info"].contains(labels["severity"]), "\(alert.name)")
            #expect(alert.duration ?? 0 >= 60, "\(alert.name) has no for")
            // Each annotation costs half a second with ten thousand failing buckets.
            #expect(annotations.count == 3, "\(alert.name)")
            for text in ["summary", "description"] {
                #expect(
                    annotations[text]?.hasSuffix(".") == true || annotations[text]?.hasSuffix("{{ end }}") == true,
                    "\(alert.name)")
            }
            if alert.query.contains("bucket:") {
                #expect(annotations["summary"]?.contains("{{ $labels.bucket_name }}") == true, "\(alert.name)")
                #expect(annotations["description"]?.contains("{{ $labels.bucket_name }}") == true, "\(alert.name)")
            }
            #expect(annotations["runbook_url"] == "\(try RunbookBase.setting())/\(alert.name).md")
            let runbook = try? RepositoryFile("docs/runbooks/\(alert.name).md").text()
            #expect(runbook?.hasPrefix("# \(alert.name)\n") == true, "docs/runbooks/\(alert.name).md")
        }
    }

    @Test func everyAlertHasTestsForPendingFiringResolvedAndOutage() async throws {
        let alerts = try await RunningPrometheus.withRules { try await $0.rules() }.filter { $0.type == .alerting }
        let groups = try RuleUnitTests.all().flatMap(\.groups)
        for alert in alerts {
            // Several rules may define one alert; they differ in their labels.
            let labels = alert.labels ?? [:]
            let courses = groups.map { group in
                group.expectations.filter { $0.alert == alert.name }.map { $0.fires(with: labels) }
            }
            let isWhole = courses.contains { course in
                guard let first = course.firstIndex(of: true), let last = course.lastIndex(of: true) else { return false }
                return first > 0 && last < course.count - 1
            }
            #expect(isWhole, "\(alert.name) \(labels): no test covers waiting, firing and clearing")
            let outages = groups.filter { $0.name.contains("an outage of the API") }.flatMap(\.expectations)
                .filter { $0.alert == alert.name }
            #expect(outages.count >= 4, "\(alert.name)")
            if alert.name == "FlashbackAPIDown" {
                #expect(outages.contains { $0.fires(with: labels) })
            } else if alert.name != "FlashbackBucketErrorBudgetBurn" {
                #expect(outages.allSatisfy { $0.firing.isEmpty }, "\(alert.name) fires in an outage")
            } else {
                // The alert fires in one of its tests before the outage.
                #expect(outages.contains { $0.firing.isEmpty })
            }
        }
    }

    @Test func rulesAndRunbooksUseExistingMetrics() async throws {
        let reference = try await RunningProcess.finished(Program.exporter, ["metrics-reference"]).outputText
        let exported = Set(reference.matches(of: /\n\| `([a-z0-9_]+)` \|/).map { String($0.1) })
        #expect(exported.count > 30)
        try await RunningPrometheus.withRules { prometheus in
            let rules = try await prometheus.rules()
            let recorded = rules.filter { $0.type == .recording }.map(\.name)
            #expect(Set(recorded).count == recorded.count)
            let known = exported.union(recorded).union(["up"])
            for rule in rules { #expect(rule.metrics.subtracting(known) == [], "\(rule.name)") }
            for name in try RepositoryFile("docs/runbooks").names(endingIn: ".md") {
                let runbook = try RepositoryFile("docs/runbooks/\(name)").text()
                let queries = runbook.matches(of: /(?s)```promql\n(.*?)\n *```/).map { String($0.1) }
                #expect(!queries.isEmpty || name == "README.md", "\(name) has no query")
                for query in queries {
                    let histograms = exported.flatMap { ["\($0)_bucket", "\($0)_count", "\($0)_sum"] }
                    #expect(LoadedRule.metrics(in: query).subtracting(known).subtracting(histograms) == [], "\(name): \(query)")
                    // Prometheus rejects queries that it cannot parse.
                    _ = try await prometheus.query(query)
                }
            }
        }
    }

    @Test func runbookIndexMatchesTheAlerts() async throws {
        let alerts = try await RunningPrometheus.withRules { try await $0.rules() }.filter { $0.type == .alerting }.map(\.name)
        let names = try RepositoryFile("docs/runbooks").names(endingIn: ".md").filter { $0 != "README.md" }
        #expect(names == Set(alerts).map { "\($0).md" }.sorted())
        let index = try RepositoryFile("docs/runbooks/README.md").text()
        for name in names { #expect(index.contains("](\(name))"), "\(name)") }
    }
}
