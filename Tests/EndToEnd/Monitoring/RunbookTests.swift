import Foundation
import TestTools
import Testing

/// The base of `runbook_url`.
enum RunbookBase {
    /// The only setting.
    static func setting() throws -> String {
        try RepositoryFile("prometheus/runbook-base").text().trimmingCharacters(in: .newlines)
    }
}

@Suite(.timeLimit(.minutes(10))) struct RunbookTests {
    private static let text = "{{ $externalURL }}"

    @Test func prometheusServesTheRunbookOfEveryAlert() async throws {
        let compose = try RepositoryFile("deploy/compose.yaml").text()
        let templates = try #require(compose.firstMatch(of: /--web\.console\.templates=([^\n]+)/)).1
        let mounted = try #require(compose.firstMatch(of: /- \.\.\/docs\/runbooks:([^:\n]+):ro/)).1
        let directory = try TemporaryDirectory()
        let folder = try directory.made("consoles") + mounted.dropFirst(templates.count)
        try #require(mounted.hasPrefix(templates))
        try FileManager.default.createSymbolicLink(
            atPath: folder, withDestinationPath: RepositoryFile("docs/runbooks").path)
        let files = try RuleFile.all().map { "  - \($0.file.path)" }.joined(separator: "\n")
        let flags = ["--web.console.templates=\(directory.path("consoles"))"]
        try await RunningPrometheus.running("rule_files:\n\(files)", flags: flags) { prometheus in
            let alerts = try await prometheus.rules().filter { $0.type == .alerting }
            #expect(alerts.count > 18)
            for alert in alerts {
                let url = try #require(alert.annotations?["runbook_url"])
                try #require(url.hasPrefix(Self.text), "\(url)")
                let answer = try await HTTP.send("GET", url.replacing(Self.text, with: "http://\(prometheus.address)"))
                #expect(answer.status == 200, "\(url)")
                #expect(try answer.text == RepositoryFile("docs/runbooks/\(alert.name).md").text(), "\(url)")
            }
        }
    }

    /// A copy of the files that the script reads and writes.
    private static func copy() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for path in ["scripts", "prometheus", "deploy", "grafana/dashboards"] {
            let parent = try directory.made("checkout/\(path)/..")
            let copy = try await RunningProcess.finished(
                URL(filePath: "/bin/cp"), ["-R", RepositoryFile(path).path, parent])
            try #require(copy.end == .status(0), "\(copy.errorText)")
        }
        return directory
    }

    private static func script(in directory: TemporaryDirectory, _ arguments: [String]) async throws -> FinishedProcess {
        try await RunningProcess.finished(
            URL(filePath: directory.path("checkout/scripts/runbook-base.sh")), arguments)
    }

    @Test func rulesTestsPrometheusRuleAndChartUseTheConfiguredBase() async throws {
        let directory = try await Self.copy()
        let script = try await Self.script(in: directory, [])
        #expect(script.end == .status(0), "\(script.errorText)")
        for path in ["prometheus", "deploy"] {
            let difference = try await RunningProcess.finished(
                URL(filePath: "/usr/bin/diff"), ["-r", RepositoryFile(path).path, directory.path("checkout/\(path)")])
            #expect(difference.outputText == "", "run ./scripts/update-docs.sh and commit the changes")
        }
    }

    @Test func scriptChangesTheBaseEverywhere() async throws {
        let directory = try await Self.copy()
        let script = try await Self.script(in: directory, ["https://wiki.example.com/a/"])
        #expect(script.end == .status(0), "\(script.errorText)")
        let files = [
            "prometheus/rules/flashback-alerts.rules.yml", "deploy/kubernetes/rules/prometheusrule.yaml",
            "deploy/helm/flashback-exporter/files/rules/flashback-alerts.rules.yml",
        ]
        for path in files {
            let text = try String(contentsOfFile: directory.path("checkout/\(path)"), encoding: .utf8)
            let urls = text.matches(of: /runbook_url: (.*)/).map(\.1)
            #expect(urls.count > 18)
            for url in urls { #expect(url.wholeMatch(of: /'https:\/\/wiki\.example\.com\/a\/[A-Za-z]+\.md'/) != nil, "\(url)") }
        }
        let tests = directory.path("checkout/prometheus/tests/FlashbackLimitExceeded.yml")
        let promtool = try await RunningProcess.finished(try Program.promtool(), ["test", "rules", tests])
        #expect(promtool.end == .status(0), "\(promtool.outputText)\(promtool.errorText)")
    }

    @Test(arguments: ["", "a'b", "a|b", "a&b", "a\\b", "a\nb"])
    func invalidBaseIsRefused(_ base: String) async throws {
        let directory = try await Self.copy()
        let script = try await Self.script(in: directory, [base])
        #expect(script.end == .status(2))
        #expect(script.errorText.count { $0 == "\n" } == 1)
    }
}
