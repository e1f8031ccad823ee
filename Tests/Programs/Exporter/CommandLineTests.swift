import ArgumentParser
import Basics
import Configuration
import ExporterWeb
import FlashbackAPI
import FlashbackCollectors
import HTTPClient
import HTTPServer
import Testing

@testable import FlashbackExporter

/// Flags, and the resulting configuration.
@Suite struct CommandLineTests {
    private static let environment = ["FLASHBACK_TOKEN": "hunter2"]

    private func upstream(_ arguments: [String], _ environment: [String: String] = environment) throws -> Upstream {
        try ExporterOptions.parse(arguments).flashback.upstream(environment: environment)
    }

    private func collection(_ arguments: String...) throws -> CollectionConfiguration {
        let options = try ExporterOptions.parse(arguments)
        return options.collection.configuration(
            options.collectors, workspaceIDs: options.flashback.workspaceIDs, bulk: options.flashback.bulk)
    }

    private func web(_ arguments: String...) throws -> WebSettings {
        try ExporterOptions.parse(arguments).web.configuration()
    }

    /// The error for invalid arguments.
    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing"
        } catch {
            return ExporterCommand.message(for: error)
        }
    }

    // MARK: The API

    @Test func defaultsMatchTheHelp() throws {
        let upstream = try upstream([])
        #expect(upstream.baseURL.description == "https://backend.flashback.tech")
        #expect(upstream.concurrency == 16)
        #expect(upstream.maximumRate == nil)
        #expect(upstream.transport.connectTimeout == .seconds(5))
        #expect(upstream.transport.totalTimeout == .seconds(30))
        #expect(upstream.transport.caFile == nil)
    }

    @Test func apiFlagsAreApplied() throws {
        let upstream = try upstream([
            "--flashback.url=https://example.com/api/", "--flashback.concurrency=3", "--flashback.connect-timeout=1s",
            "--flashback.timeout=1m30s", "--flashback.ca-file=/etc/ca.pem", "--flashback.max-requests-per-second=2.5",
        ])
        #expect(upstream.baseURL.description == "https://example.com/api")
        #expect(upstream.concurrency == 3)
        #expect(upstream.maximumRate == 2.5)
        #expect(upstream.transport.maximumConnections == 3)
        #expect(upstream.transport.maximumConnectionsPerHost == 3)
        #expect(upstream.transport.connectTimeout == .seconds(1))
        #expect(upstream.transport.totalTimeout == .seconds(90))
        #expect(upstream.transport.caFile == "/etc/ca.pem")
    }

    @Test(arguments: [
        (["--flashback.concurrency=0"], "--flashback.concurrency must be at least 1"),
        (["--flashback.concurrency=9223372036854775807"], "--flashback.concurrency must be at most 65535"),
        (["--flashback.concurrency=-1"], "--flashback.concurrency"),
        (["--flashback.connect-timeout=0s"], "--flashback.connect-timeout must be more than 0s"),
        (["--flashback.timeout=0"], "--flashback.timeout must be more than 0s"),
        (["--flashback.url=example.com"], "--flashback.url: the API's URL must begin"),
        (["--flashback.url=http://example.com"], "--flashback.allow-insecure"),
        (["--flashback.max-requests-per-second=0"], "--flashback.max-requests-per-second"),
        (["--flashback.max-requests-per-second=1e-300"], "--flashback.max-requests-per-second"),
        (["--flashback.max-requests-per-second=nan"], "--flashback.max-requests-per-second"),
        (["--flashback.max-requests-per-second=inf"], "--flashback.max-requests-per-second"),
        (["--flashback.url=https://user:hunter3@example.com"], "must not contain a user name or password"),
        (["--flashback.token-file=/a", "--flashback.refresh-token-file=/b"], "are mutually exclusive"),
        (["--flashback.email=a@example.com"], "go together"),
        (["--flashback.password-file=/a"], "go together"),
    ])
    func errorsNameTheInvalidFlag(_ arguments: [String], _ words: String) {
        let refusal = refusal { _ = try upstream(arguments) }
        #expect(refusal.contains(words), "\(refusal)")
        #expect(!refusal.contains("\n") && !refusal.contains("hunter"))
    }

    @Test func plaintextIsAllowedToLoopbackOrOnDemand() throws {
        #expect(try upstream(["--flashback.url=http://127.0.0.1:8080"]).baseURL.description == "http://127.0.0.1:8080")
        #expect(try upstream(["--flashback.url=http://example.com", "--flashback.allow-insecure"]).baseURL.isExposed)
    }

    @Test func credentialsComeFromFlagsOrEnvironment() throws {
        guard case .token = try upstream([]).credentials else { Issue.record("not the variable's token"); return }
        guard case .tokenFile(path: "/t") = try upstream(["--flashback.token-file=/t"]).credentials else {
            Issue.record("not the file"); return
        }
        guard case .refreshTokenFile(path: "/r") = try upstream(["--flashback.refresh-token-file=/r"], [:]).credentials else {
            Issue.record("not the refresh token's file")
            return
        }
        let password = ["--flashback.email=a@example.com", "--flashback.password-file=/p"]
        guard case .password(email: "a@example.com", passwordFile: "/p") = try upstream(password, [:]).credentials else {
            Issue.record("not the password")
            return
        }
    }

    @Test(arguments: [nil, "", " ", "two words"])
    func missingCredentialsAreAnError(_ token: String?) {
        let refusal = refusal { _ = try upstream([], token.map { ["FLASHBACK_TOKEN": $0] } ?? [:]) }
        #expect(refusal.contains("FLASHBACK_TOKEN"), "\(refusal)")
        #expect(!refusal.contains("two words"))
    }

    // MARK: Collectors

    @Test func everyCollectorOfTheCatalogueHasItsFlags() throws {
        let help = ExporterCommand.helpMessage(columns: 200)
        for collector in CollectorCatalogue.all {
            let name = collector.name
            #expect(help.contains("--collector.\(name)/--no-collector.\(name)"), "\(name)")
            #expect(!help.contains("--collector.\(name).ttl"), "\(name)")
            #expect(help.contains(collector.summary), "\(name)")
            #expect(try !collection("--no-collector.\(name)").collectors.contains(name))
            #expect(try collection("--no-collector.\(name)").collectors == CollectorCatalogue.onByDefault.subtracting([name]))
            #expect(try collection("--collector.\(name)").collectors.contains(name))
            #expect(try collection("--collector.\(name).ttl=7s").lifetimes == [name: .seconds(7)])
        }
    }

    @Test func disabledDefaultsKeepExplicitlyEnabledCollectors() throws {
        #expect(try collection("--collector.disable-defaults").collectors.isEmpty)
        #expect(try collection("--collector.disable-defaults", "--collector.status").collectors == ["status"])
        #expect(try collection("--collector.status", "--collector.disable-defaults").collectors == ["status"])
        #expect(try collection("--no-collector.disable-defaults").collectors == CollectorCatalogue.onByDefault)
    }

    @Test func reloadingAutomaticallyNeedsAFile() throws {
        let refusal = refusal { _ = try ExporterOptions.parse(["--config.auto-reload"]).configuration.watchedFile() }
        #expect(refusal == "--config.auto-reload needs --config.file")
        let watched = try ExporterOptions.parse(["--config.auto-reload", "--config.file=/a.yml"]).configuration.watchedFile()
        #expect(watched == "/a.yml")
        #expect(try ExporterOptions.parse(["--config.file=/a.yml"]).configuration.watchedFile() == nil)
    }

    @Test func withoutFlagsTheDefaultsApply() throws {
        let configuration = try collection()
        #expect(configuration.collectors == CollectorCatalogue.onByDefault)
        #expect(configuration.lifetimes.isEmpty)
        #expect(configuration.maxStale == .seconds(120))
        #expect(configuration.workspaceIDs.isEmpty)
        #expect(configuration.mode == .scrape)
    }

    @Test func commonLifetimeAppliesToCollectorsWithoutTheirOwn() throws {
        let configuration = try collection(
            "--cache.ttl=45s", "--collector.ttl=daily=10m", "--cache.max-stale=0s", "--collect.mode=background")
        #expect(configuration.lifetimes["daily"] == .seconds(600))
        for name in configuration.collectors where name != "daily" { #expect(configuration.lifetimes[name] == .seconds(45)) }
        #expect(configuration.maxStale == .zero)
        #expect(configuration.mode == .background)
    }

    @Test func deprecatedFlagsOfLifetimesStillWork() throws {
        let configuration = try collection("--collector.daily.ttl=10m", "--collector.totals.ttl=1m", "--collector.ttl=totals=2m")
        #expect(configuration.lifetimes == ["daily": .seconds(600), "totals": .seconds(120)])
    }

    @Test func workspacesMayBeRepeated() throws {
        #expect(try collection("--flashback.workspace-id=a", "--flashback.workspace-id", "b").workspaceIDs == ["a", "b"])
    }

    @Test(arguments: [
        "--no-collector.nothing", "--collector.nothing.ttl=1s", "--cache.ttl=-1s", "--cache.ttl=1", "--collect.mode=sometimes",
        "--collector.daily.ttl=x", "--collector.ttl=nothing=1m", "--collector.ttl=daily", "--collector.ttl=daily=x",
    ])
    func otherFlagsAreRefused(_ flag: String) {
        #expect(throws: (any Error).self) { try ExporterCommand.parse([flag]) }
    }

    // MARK: Web

    @Test func webDefaultsMatchTheHelp() throws {
        let configuration = try web()
        #expect(configuration.listenAddresses == [ListenAddress(host: nil, port: 10_420)])
        #expect(configuration.telemetryPath == "/metrics")
        #expect(configuration.scrapeTimeout.maximum == nil)
        #expect(configuration.scrapeTimeout.offset == .milliseconds(500))
    }

    @Test func webFlagsAreApplied() throws {
        let configuration = try web(
            "--web.listen-address=127.0.0.1:1", "--web.listen-address=[::1]:2", "--web.telemetry-path=/m", "--scrape.timeout=5s",
            "--scrape.timeout-offset=1s")
        #expect(
            configuration.listenAddresses == [ListenAddress(host: "127.0.0.1", port: 1), ListenAddress(host: "::1", port: 2)])
        #expect(configuration.telemetryPath == "/m")
        #expect(configuration.scrapeTimeout.maximum == .seconds(5))
        #expect(configuration.scrapeTimeout.offset == .seconds(1))
    }

    @Test(arguments: ["", "metrics", "/m?x", "/m#x", "/a b", "/-/healthy", "/-/ready"])
    func invalidTelemetryPathsAreRefused(_ path: String) {
        #expect(refusal { _ = try web("--web.telemetry-path=\(path)") }.contains("--web.telemetry-path"))
    }

    @Test func versionDescribesTheBuild() {
        #expect(ExporterCommand.configuration.version.hasPrefix("flashback-exporter, version "))
        #expect(ExporterCommand.configuration.subcommands.count >= 2)
    }
}
