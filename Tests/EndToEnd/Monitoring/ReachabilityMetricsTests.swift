import Foundation
import TestTools
import Testing

/// The smallest useful set of metrics, described in `docs/narrowing.md`.
@Suite(.timeLimit(.minutes(10))) struct ReachabilityMetricsTests {
    private static func document() throws -> String { try RepositoryFile("docs/narrowing.md").text() }

    /// The flags of the documented command.
    private static func flags() throws -> [String] {
        let command = try #require(try document().firstMatch(of: /(?s)<!-- reachability -->.*?```sh\n(.*?)\n```/)).1
        return command.matches(of: /(--metrics\.[a-z]+)='?([^' \n]+)'?/).map { "\($0.1)=\($0.2)" }
    }

    /// The alerts for which the set is sufficient according to the document.
    private static func alerts() throws -> [String] {
        let sentence = try #require(try document().firstMatch(of: /(?s)<!-- alerts -->(.*?)<!-- \/alerts -->/)).1
        return sentence.matches(of: /\[([A-Za-z]+)\]\(runbooks/).map { String($0.1) }
    }

    /// Whether the flags admit a metric. Swift interprets these expressions in the same way.
    private static func admits(_ name: String) throws -> Bool {
        func matches(_ flag: String) throws -> Bool {
            try flags().filter { $0.hasPrefix(flag) }.contains {
                try Regex(String($0.dropFirst(flag.count + 1))).wholeMatch(in: name) != nil
            }
        }
        return try matches("--metrics.include") && !matches("--metrics.exclude")
    }

    @Test(arguments: [(states: "all", series: 17), (states: "current", series: 8)])
    func bucketOfTheDemoHasFewSeries(_ form: (states: String, series: Int)) async throws {
        let flags = try Self.flags()
        #expect(flags.count == 4)
        try await RunningExporter.runningDemo(flags + ["--metrics.states=\(form.states)"]) { exporter in
            let page = try await exporter.scrape()
            let counts = Dictionary(grouping: page.samples.compactMap { $0.labels["bucket_id"] }) { $0 }.mapValues(\.count)
            #expect(counts.count == 20)
            #expect(counts.values.max() == form.series && form.series < 20)
            // No collector runs without exporting anything.
            #expect(page.labelValues("collector") == ["status"])
        }
    }

    /// The unit tests of these alerts pass without the series of other metrics.
    @Test(arguments: try alerts())
    func alertWorksWithTheSet(_ alert: String) async throws {
        let whole = try RepositoryFile("prometheus/tests/\(alert).yml").text()
        var text = whole
        var left: Set<String> = []
        for match in text.matches(of: #/ *- series: '([a-z_:]+)[^\n]*\n *values: [^\n]*\n/#).reversed() {
            let name = String(match.1)
            // Prometheus adds `up`, and the rules add names with a colon.
            if try name == "up" || name.contains(":") || Self.admits(name) {
                left.insert(name)
            } else {
                text.removeSubrange(match.range)
            }
        }
        #expect(!left.isEmpty)
        // Without a difference, the test would be the same as an existing one.
        if text == whole { return }
        text.replace("  - ../rules/", with: "  - \(RepositoryFile("prometheus").path)/rules/")
        try await TemporaryDirectory.with { folder in
            try folder.write(text, to: "test.yml")
            let promtool = try await RunningProcess.finished(try Program.promtool(), ["test", "rules", folder.path("test.yml")])
            #expect(promtool.end == .status(0), "\(promtool.outputText)\(promtool.errorText)")
        }
    }
}
