import Foundation
import TestTools
import Testing

/// The checks of the dashboards are written in Python, next to the code that generates them: `grafana/source`.
@Suite(.timeLimit(.minutes(10))) struct DashboardTests {
    private static let source = RepositoryFile("grafana/source").path

    @Test func dashboardsFollowTheirRulesAndMatchTheGenerator() async throws {
        let finished = try await Python.finished([
            "-m", "unittest", "discover", "--start-directory", "\(Self.source)/tests", "--top-level-directory", Self.source,
        ])
        #expect(finished.end == .status(0), "\(finished.errorText)")
        // A run that finds no tests proves nothing.
        let count = try #require(finished.errorText.firstMatch(of: /Ran (\d+) tests/))
        #expect((Int(count.1) ?? 0) >= 20, "\(finished.errorText)")
    }

    @Test(arguments: ["all", "current"])
    func everyQueryReturnsDataForOneAndTwoInstances(states: String) async throws {
        try await RunningExporter.runningDemo(["--web.listen-address", "127.0.0.1:0", "--metrics.states", states]) { exporter in
            _ = try await exporter.process.lines(containing: "listening", count: 2)
            let targets = exporter.process.everything.matches(of: /msg=listening address=([^ ]+)/).map { String($0.1) }
            #expect(targets.count == 2)
            try await RunningPrometheus.scrapingWithRules(targets) { prometheus in
                try await prometheus.allUp(2)
                // The exporter requests the API again after 30 seconds, and only then is there a rate of requests.
                let checked = try await check(prometheus, ["--patience", "120"])
                #expect(checked.end == .status(0), "\(checked.errorText)\(checked.outputText)")
                let count = checked.outputText.firstMatch(of: /^(\d+) queries of 5 dashboards: 0 failed, 0 without data/)
                #expect(count.flatMap { Int($0.1) } ?? 0 > 100, "\(checked.outputText)")

                // The check finds its mistakes in either form of states, so one form is enough.
                for (what, change, says) in states == "all" ? Self.mistakes : [] {
                    let broken = try TemporaryDirectory()
                    let nodes = try RepositoryFile("grafana/dashboards/flashback-nodes.json").text()
                    try broken.write(nodes.replacing(change.old, with: change.new), to: "flashback-nodes.json")
                    #expect(nodes.contains(change.old), "\(what)")
                    let checked = try await check(prometheus, ["--dashboards", broken.path()])
                    #expect(checked.end == .status(1), "\(what)")
                    #expect(checked.errorText.contains(says), "\(what): \(checked.errorText)")
                }
            }
        }
    }

    /// Mistakes in a dashboard that the check must find, and its messages.
    private static let mistakes: [(what: String, change: (old: String, new: String), says: String)] = [
        ("a query that Prometheus does not understand", ("\"expr\": \"count(group", "\"expr\": \"count((group"), "parse error"),
        (
            "a metric that is not there",
            ("\"expr\": \"max(node:flashback", "\"expr\": \"max(node:flushback"), "no data"
        ),
        (
            "two instances counted as twice the nodes",
            (
                "\"expr\": \"count(sum by (node) (node:flashback_buckets:count{",
                "\"expr\": \"count(sum by (node, instance) (flashback_bucket_node_latency_seconds{instance=~\\\"$instance\\\", "
            ),
            "with all instances"
        ),
        (
            "two instances as two series",
            (
                "\"expr\": \"max by (node) (node:flashback_latency_seconds:max{",
                "\"expr\": \"max by (node, instance) (flashback_bucket_node_latency_seconds{instance=~\\\"$instance\\\", "
            ),
            "series with all instances"
        ),
        (
            "a variable without values",
            ("\"query\": \"label_values(node:flashback", "\"query\": \"label_values(node:flushback"), "variable region"
        ),
    ]

    private func check(_ prometheus: RunningPrometheus, _ arguments: [String]) async throws -> FinishedProcess {
        // Prometheus scrapes every second. Grafana's rate interval, four times this, leaves room for late scrapes.
        try await Python.finished(
            ["\(Self.source)/check_queries.py", "http://\(prometheus.address)", "--scrape-interval", "5", "--range", "60"]
                + arguments)
    }
}
