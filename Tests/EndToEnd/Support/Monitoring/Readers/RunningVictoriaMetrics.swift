import Foundation
import TestTools

/// The programs of VictoriaMetrics, which take Prometheus' configurations and answer its queries.
enum RunningVictoriaMetrics {
    /// Runs a single-node VictoriaMetrics while the body runs.
    /// - Parameters:
    ///   - configuration: what it scrapes itself, as Prometheus' configuration file; nil for nothing.
    ///   - flags: those that it gets beside the ones that every test needs.
    static func storing<Result>(
        _ release: DebianRelease, configuration: String? = nil, flags: [String] = [],
        _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        var arguments = [
            "-httpListenAddr=127.0.0.1:0", "-storageDataPath=\(directory.path("data"))",
            // Samples count at once instead of after half a minute.
            "-search.latencyOffset=0s", "-search.disableCache",
        ]
        if let configuration {
            arguments.append("-promscrape.config=\(try directory.write(configuration, to: "scrape.yml"))")
        }
        return try await RunningProcess.running(try release.victoriaMetrics(), arguments + flags) { process in
            let address = try await process.listeningAddress()
            let result = try await body(RunningPrometheus(process: process, address: address))
            withExtendedLifetime(directory) {}
            return result
        }
    }

    /// Runs vmagent while the body runs.
    /// - Parameters:
    ///   - configuration: what it scrapes, as Prometheus' configuration file.
    ///   - address: `host:port` of the VictoriaMetrics that it writes to.
    static func scraping<Result>(
        _ release: DebianRelease, _ configuration: String, writingTo address: String,
        _ body: (RunningProcess) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let arguments = [
            "-httpListenAddr=127.0.0.1:0", "-promscrape.config=\(try directory.write(configuration, to: "scrape.yml"))",
            "-remoteWrite.tmpDataPath=\(directory.path("data"))", "-remoteWrite.url=http://\(address)/api/v1/write",
        ]
        return try await RunningProcess.running(try release.vmagent(), arguments) { process in
            let result = try await body(process)
            withExtendedLifetime(directory) {}
            return result
        }
    }

    /// A rule as vmalert reports it.
    struct Rule: Decodable {
        let name: String
        let health: String
        let lastError: String?
        let lastEvaluation: String
    }

    /// vmalert as a test has started it.
    struct Ruler {
        /// `host:port`.
        let address: String

        /// All rules that it has loaded.
        func rules() async throws -> [Rule] { try await RulesAnswer.rules(of: address) }
    }

    /// Runs vmalert while the body runs, as docs/large-sites.md tells to.
    /// - Parameters:
    ///   - rules: the texts of the rule files.
    ///   - database: `host:port` of the VictoriaMetrics that it queries and writes to.
    ///   - alertmanager: `host:port`.
    static func evaluating<Result>(
        _ release: DebianRelease, rules: [String], database: String, alertmanager: String,
        _ body: (Ruler) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        for (number, text) in rules.enumerated() { try directory.write(text, to: "\(number).rules.yml") }
        let arguments = [
            "-httpListenAddr=127.0.0.1:0", "-rule=\(directory.path("*.rules.yml"))", "-datasource.url=http://\(database)",
            "-remoteWrite.url=http://\(database)", "-remoteRead.url=http://\(database)", "-disableAlertgroupLabel",
            "-notifier.url=http://\(alertmanager)",
            // A rule sees what another recorded a second ago.
            "-remoteWrite.flushInterval=200ms",
        ]
        // At once instead of half a minute ago; older versions follow the database.
        let delay = release == .bookworm ? [] : ["-rule.evalDelay=0s"]
        return try await RunningProcess.running(try release.vmalert(), arguments + delay) { process in
            let result = try await body(Ruler(address: try await process.listeningAddress()))
            withExtendedLifetime(directory) {}
            return result
        }
    }
}
