import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct AccountsTests {
    /// A name that needs escaping in every format.
    private static let name = #"the "second"\account"#

    /// A configuration file with accounts that all have the same token.
    private static func file(_ accounts: [(name: String, url: String)], in directory: TemporaryDirectory) throws -> String {
        let token = try directory.write(RunningExporter.token, to: "token")
        let entries = try accounts.map { name, url in
            // A JSON string is also a YAML string.
            let quoted = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
            return "  - {name: \(quoted), url: \"\(url)\", token-file: \"\(token)\"}\n"
        }
        return try directory.write("accounts:\n" + entries.joined(), to: "exporter.yml")
    }

    private func simulation(_ seed: UInt64, canary: String = "") -> FlashbackSimulation {
        .small(buckets: Int(seed) + 2) {
            $0.seed = seed
            $0.canary = canary
        }
    }

    /// The names and labels of an account's series, without its own label.
    private func series(_ metrics: Metrics, account: String?) -> Set<[String]> {
        Set(
            metrics.samples.filter { $0.labels["account"] == account && $0.name.hasPrefix("flashback_") }
                .filter { !$0.name.hasPrefix("flashback_exporter_build") && !$0.name.hasPrefix("flashback_exporter_config") }
                .map { sample in
                    [sample.name] + sample.labels.filter { $0.key != "account" }.map { "\($0.key)=\($0.value)" }.sorted()
                })
    }

    @Test func otherAccountsKeepTheirSeriesWhenOneFails() async throws {
        let directory = try TemporaryDirectory()
        let alone = try await FlashbackSimulator.serving(simulation(1)) { simulator in
            try await RunningExporter.running(simulator.url) { series(try await $0.scrape(), account: nil) }
        }
        let canary = "c4nary\(UUID().uuidString.prefix(8))"
        let (first, second) = (simulation(1, canary: canary), simulation(2, canary: canary))
        try await FlashbackSimulator.serving(first) { one in
            try await FlashbackSimulator.serving(second) { two in
                try await RefusingPort.with { port in
                    let file = try Self.file(
                        [("first", one.url), (Self.name, two.url), ("down", "http://127.0.0.1:\(port)")], in: directory)
                    try await RunningExporter.running(configuredBy: file, ["--log.level", "debug"]) { exporter in
                        let metrics = try await exporter.scrape()
                        #expect(series(metrics, account: "first") == alone)
                        #expect(metrics.value("flashback_up", ["account": "first"]) == 1)
                        #expect(metrics.value("flashback_up", ["account": Self.name]) == 1)
                        #expect(metrics.value("flashback_up", ["account": "down"]) == 0)
                        #expect(metrics.series("flashback_bucket_info", ["account": "first"]).count == 3)
                        #expect(metrics.series("flashback_bucket_info", ["account": Self.name]).count == 4)
                        #expect(metrics.series("flashback_bucket_info", ["account": "down"]).isEmpty)
                        try await expectReadable(exporter)

                        let page = try await Chromium.visit(exporter.url("/"))
                        #expect(page.console == [])
                        #expect(page.document.contains("down: The bucket list cannot be read"))
                        #expect(page.document.contains("the \"second\"\\account"))
                        #expect(exporter.process.everything.contains("account=down"))
                        let told = metrics.text + page.document + exporter.process.everything
                        for secret in first.secrets + second.secrets + [RunningExporter.token] {
                            #expect(!told.contains(secret), "\(secret)")
                        }
                    }
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    private func expectReadable(_ exporter: RunningExporter) async throws {
        let text = try await exporter.send("GET", "/metrics")
        let promtool = try await RunningProcess.finished(try Program.promtool(), ["check", "metrics"], input: text.body)
        #expect(promtool.end == .status(0))
        #expect(promtool.outputText + promtool.errorText == "")
        let openMetrics = try await exporter.send(
            "GET", "/metrics", fields: ["Accept": "application/openmetrics-text;version=1.0.0"])
        #expect(openMetrics.fields["content-type"]?.hasPrefix("application/openmetrics-text") == true)
        #expect(try await Python.openMetricsSamples(in: openMetrics.body) > 200)
    }

    @Test func checkAndCollectReportAllAccounts() async throws {
        let directory = try TemporaryDirectory()
        try await FlashbackSimulator.serving(simulation(1)) { one in
            try await FlashbackSimulator.serving(simulation(2)) { two in
                let file = try Self.file([("first", one.url), (Self.name, two.url)], in: directory)
                let check = try await RunningProcess.finished(Program.exporter, ["check", "--config.file", file])
                #expect(check.end == .status(0), "\(check.errorText)")
                let lines = check.outputText.split(separator: "\n")
                let headings = lines.indices.filter { lines[$0].hasPrefix("account ") }
                #expect(headings.map { lines[$0] } == ["account \"first\":", #"account "the \"second\"\\account":"#])
                #expect(lines.count { $0.hasPrefix("API: good, ") } == 2)
                #expect(lines[headings[1]...].contains("API: good, 4 buckets"))

                let collect = try await RunningProcess.finished(Program.exporter, ["collect", "--config.file", file])
                #expect(collect.end == .status(0), "\(collect.errorText)")
                let metrics = try Metrics(collect.outputText)
                #expect(metrics.labelValues("account") == ["first", Self.name])
                #expect(metrics.families.count == Set(metrics.families).count)

                try await two.simulation.stopAnswering {
                    let failed = try await RunningProcess.finished(Program.exporter, ["collect", "--config.file", file])
                    #expect(failed.end == .status(1))
                    let rest = try Metrics(failed.outputText)
                    #expect(rest.value("flashback_up", ["account": "first"]) == 1)
                    #expect(rest.value("flashback_up", ["account": Self.name]) == 0)
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func signalAndRequestReloadAValidConfigurationOnly() async throws {
        let directory = try TemporaryDirectory()
        try await FlashbackSimulator.serving(simulation(1)) { one in
            try await FlashbackSimulator.serving(simulation(2)) { two in
                let file = try Self.file([("first", one.url)], in: directory)
                try await RunningExporter.running(configuredBy: file, ["--web.enable-lifecycle"]) { exporter in
                    #expect(try await exporter.scrape().labelValues("account") == ["first"])

                    _ = try Self.file([("first", one.url), ("second", two.url)], in: directory)
                    exporter.process.send(SIGHUP)
                    _ = try await exporter.process.line(containing: "accounts_added=1")
                    #expect(try await exporter.scrape().labelValues("account") == ["first", "second"])

                    try directory.write("accounts: []\n", to: "exporter.yml")
                    let refused = try await exporter.send("POST", "/-/reload")
                    #expect(refused.status == 500)
                    #expect(refused.text.hasPrefix("failed to reload config: "))
                    #expect(refused.text.filter(\.isNewline).count == 1)
                    _ = try await exporter.process.line(containing: "level=error")
                    let kept = try await exporter.scrape()
                    #expect(kept.labelValues("account") == ["first", "second"])
                    #expect(kept.value("flashback_exporter_config_last_reload_successful", ["configuration": "exporter"]) == 0)

                    _ = try Self.file([("second", two.url)], in: directory)
                    #expect(try await exporter.send("POST", "/-/reload").status == 200)
                    let last = try await exporter.scrape()
                    #expect(last.labelValues("account") == ["second"])
                    #expect(last.value("flashback_exporter_config_last_reload_successful", ["configuration": "exporter"]) == 1)

                    exporter.process.send(SIGTERM)
                    #expect(try await exporter.process.end() == .status(0))
                }

                // Without a request, through --config.auto-reload.
                try await RunningExporter.running(configuredBy: file, ["--config.auto-reload"]) { exporter in
                    #expect(try await exporter.scrape().labelValues("account") == ["second"])
                    try directory.write("accounts: []\n", to: "exporter.yml")
                    _ = try await exporter.process.line(containing: "level=error")
                    _ = try Self.file([("first", one.url)], in: directory)
                    _ = try await exporter.process.line(containing: "accounts_added=1")
                    #expect(try await exporter.scrape().labelValues("account") == ["first"])
                }
            }
        }
        withExtendedLifetime(directory) {}
    }

    @Test func hangupWithoutConfigurationFileIsIgnored() async throws {
        try await FlashbackSimulator.serving(simulation(1)) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                exporter.process.send(SIGHUP)
                _ = try await exporter.process.line(containing: "reloaded the configuration")
                exporter.process.send(SIGHUP)
                _ = try await exporter.process.lines(containing: "accounts_unchanged=1", count: 2)
                #expect(try await exporter.scrape().value("flashback_up") == 1)
                #expect(try await exporter.send("POST", "/-/reload").status == 403)
                // A reload that is overtaken by the shutdown does no harm.
                exporter.process.send(SIGHUP)
                exporter.process.send(SIGTERM)
                #expect(try await exporter.process.end() == .status(0))
            }
        }
    }
}

extension FlashbackSimulation {
    /// Makes the simulation refuse all requests while the body runs.
    fileprivate func stopAnswering(_ body: () async throws -> Void) async throws {
        faults.add(.status(403))
        try await body()
        faults.removeAll()
    }
}
