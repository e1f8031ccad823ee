import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct CommandLineTests {
    @Test func helpListsEveryFlagUnderItsHeading() async throws {
        let finished = try await RunningProcess.finished(Program.exporter, ["--help"])
        #expect(finished.end == .status(0))
        #expect(finished.errorText == "")
        let groups = [
            "CONFIGURATION:": ["--config.file", "--config.auto-reload/--no-config.auto-reload", "--config.check"],
            "FLASHBACK API:": [
                "--flashback.url", "--flashback.workspace-id", "--flashback.token-file", "--flashback.refresh-token-file",
                "--flashback.email", "--flashback.password-file", "--flashback.ca-file",
                "--flashback.allow-insecure/--no-flashback.allow-insecure",
                "--flashback.concurrency", "--flashback.max-requests-per-second", "--flashback.bulk",
                "--flashback.connect-timeout",
                "--flashback.timeout",
            ],
            "COLLECTION:": ["--collect.mode", "--cache.ttl", "--cache.max-stale"],
            "COLLECTORS:": ["--collector.disable-defaults/--no-collector.disable-defaults", "--collector.ttl"]
                + [
                    "buckets", "available", "totals", "repositories", "nodes", "traffic", "quota", "credits", "workspaces",
                    "status", "daily", "yesterday",
                ].map { "--collector.\($0)/--no-collector.\($0)" },
            "WEB:": [
                "--web.listen-address", "--web.systemd-socket/--no-web.systemd-socket", "--web.max-connections",
                "--web.telemetry-path", "--web.config.file", "--web.enable-lifecycle/--no-web.enable-lifecycle",
                "--web.max-requests", "--scrape.timeout", "--scrape.timeout-offset",
            ],
            "METRICS:": ["--metrics.include", "--metrics.exclude", "--metrics.states"],
            "PROBES:": ["--probe.enabled/--no-probe.enabled", "--probe.interval", "--probe.concurrency"],
            "LOGGING:": ["--log.level", "--log.format"],
            "OPTIONS:": ["--version", "-h, --help"],
            "SUBCOMMANDS:": ["demo", "collect", "check", "record", "backfill", "healthcheck"],
        ]
        for (heading, flags) in groups {
            let section = try #require(Self.section(heading, of: finished.outputText))
            // The first words of the lines that begin an entry: two spaces and a flag.
            let listed = section.split(separator: "\n").compactMap { line -> String? in
                guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
                return line.dropFirst(2).firstMatch(of: /^(-h, )?[^ ]+/).map { String($0.0) }
            }
            #expect(listed.filter { $0 != "See" } == flags, "\(heading)")
        }
    }

    @Test func versionIsOneLineWithTheProgramName() async throws {
        let finished = try await RunningProcess.finished(Program.exporter, ["--version"])
        #expect(finished.end == .status(0))
        #expect(finished.errorText == "")
        #expect(
            finished.outputText.wholeMatch(of: /flashback-exporter, version \d+\.\d+\.\d+ \(revision: .+, swift: .+\)\n/) != nil)
    }

    struct Mistake: CustomTestStringConvertible {
        let arguments: [String]
        /// The expected error.
        let says: String

        init(_ arguments: String..., says: String) {
            self.arguments = arguments
            self.says = says
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    private static let unresolvable = String(repeating: "a", count: 64) + ".invalid"

    static let mistakes = [
        Mistake("--web.max-requests", "-1", says: "--web.max-requests must not be negative"),
        Mistake("--web.config.file", "/nowhere/web.yml", says: "--web.config.file: cannot read /nowhere/web.yml: No such file"),
        Mistake("--flashbach.url", "https://api.example", says: "Unknown option '--flashbach.url'"),
        Mistake("serve", says: "Unexpected argument 'serve'"),
        Mistake("--flashback.url", says: "Missing value for '--flashback.url <url>'"),
        Mistake("--flashback.url", "backend.flashback.tech", says: "--flashback.url: the API's URL must begin with https://"),
        Mistake("--flashback.url", "ftp://api.example", says: "must begin with https://"),
        Mistake("--flashback.url", "https://", says: "has no host"),
        Mistake("--flashback.url", "https://api.example/?a=b", says: "without ? or #"),
        Mistake("--flashback.url", "http://api.example", says: "use https, or add --flashback.allow-insecure"),
        Mistake("--flashback.url", "http://127.0.0.1.api.example", says: "--flashback.allow-insecure"),
        Mistake("--flashback.workspace-id", "", says: "--flashback.workspace-id"),
        Mistake("--flashback.concurrency", "0", says: "--flashback.concurrency must be at least 1"),
        Mistake("--flashback.concurrency", "-1", says: "--flashback.concurrency must be at least 1"),
        Mistake("--flashback.concurrency", "many", says: "'many' is invalid for '--flashback.concurrency <count>'"),
        Mistake("--flashback.timeout", "0s", says: "--flashback.timeout must be more than 0s"),
        Mistake("--flashback.connect-timeout", "0s", says: "--flashback.connect-timeout must be more than 0s"),
        Mistake("--cache.ttl", "-5s", says: "a duration must not be negative"),
        Mistake("--cache.ttl", "5", says: "a duration is written like 30s"),
        Mistake("--cache.max-stale", "soon", says: "a duration is written like 30s"),
        Mistake("--collector.ttl", "daily=-1m", says: "'--collector.ttl <name=duration>'"),
        Mistake("--collector.ttl", "weekly=1m", says: "there is no collector \"weekly\"; known: buckets, "),
        Mistake("--no-collector.weekly", says: "Unknown option '--no-collector.weekly'"),
        Mistake("--web.listen-address", "127.0.0.1", says: "'--web.listen-address <address>'"),
        Mistake("--web.listen-address", "127.0.0.1:65536", says: "'--web.listen-address <address>'"),
        // The resolver itself refuses a label of more than 63 characters, so the result does not depend on name servers.
        Mistake(
            "--web.listen-address", "\(unresolvable):0",
            says: "--web.listen-address: cannot listen on \(unresolvable):0: cannot resolve the host name\n"),
        Mistake("--web.max-connections", "0", says: "--web.max-connections must be at least 1"),
        Mistake("--web.max-connections", "-1", says: "--web.max-connections must be at least 1"),
        Mistake("--web.telemetry-path", "metrics", says: "--web.telemetry-path must begin with /"),
        Mistake("--web.telemetry-path", "/metrics?all", says: "--web.telemetry-path must begin with /"),
        Mistake("--web.telemetry-path", "/-/ready", says: "/-/ready is reserved"),
        Mistake("--web.telemetry-path", "/probe", says: "/probe is reserved"),
        Mistake("--web.telemetry-path", "/discovery", says: "/discovery is reserved"),
        Mistake("--probe.interval", "0s", says: "--probe.interval must be at least 1s"),
        Mistake("--probe.concurrency", "0", says: "--probe.concurrency must be at least 1"),
        Mistake("--log.level", "loud", says: "'debug', 'info', 'warn' or 'error'"),
        Mistake("--log.format", "xml", says: "'logfmt' and 'json'"),
        Mistake("--flashback.token-file", "/nonexistent/token", says: "/nonexistent/token: No such file or directory"),
        Mistake("--flashback.token-file", "/", says: "Is a directory"),
        Mistake("--flashback.ca-file", "/nonexistent/ca.pem", says: "/nonexistent/ca.pem: No such file or directory"),
        Mistake("--flashback.ca-file", "/dev/null", says: "contains no certificate"),
        Mistake("demo", "--buckets", "-1", says: "must not be negative"),
        Mistake("demo", "--bucket", "1", says: "Unknown option '--bucket'"),
    ]

    @Test(arguments: mistakes)
    func usageErrorIsOneLineWithStatus2(_ mistake: Mistake) async throws {
        let finished = try await RunningProcess.finished(
            Program.exporter, mistake.arguments, environment: ["FLASHBACK_TOKEN": RunningExporter.token])
        Self.expectOneLine(finished, says: mistake.says)
    }

    @Test(arguments: ["https://", "http://", "ftp://", ""])
    func credentialsInURLAreRefusedWithoutRepeatingThem(scheme: String) async throws {
        let finished = try await RunningProcess.finished(
            Program.exporter, ["--flashback.url", "\(scheme)ana:c4nary@api.example"], environment: ["FLASHBACK_TOKEN": "token"])
        Self.expectOneLine(finished, says: "--flashback.url")
        #expect(!finished.errorText.contains("c4nary"))
        #expect(!finished.errorText.contains("ana:"))
    }

    @Test func missingTokenErrorNamesTheSources() async throws {
        Self.expectOneLine(
            try await RunningProcess.finished(Program.exporter, []), says: "--flashback.email, or set FLASHBACK_TOKEN")
        Self.expectOneLine(
            try await RunningProcess.finished(Program.exporter, [], environment: ["FLASHBACK_TOKEN": " \n"]),
            says: "FLASHBACK_TOKEN: the access token is empty")
    }

    @Test func invalidTokenIsRefusedWithoutRepeatingIt() async throws {
        let finished = try await RunningProcess.finished(
            Program.exporter, [], environment: ["FLASHBACK_TOKEN": "c4nary\nX-Injected: yes"])
        Self.expectOneLine(finished, says: "FLASHBACK_TOKEN")
        #expect(!finished.errorText.contains("c4nary"))
    }

    @Test func emptyTokenFileIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("\n", to: "token")
        Self.expectOneLine(
            try await RunningProcess.finished(Program.exporter, ["--flashback.token-file", file]), says: "\(file) cannot be used")
    }

    @Test func portInUseErrorNamesTheAddress() async throws {
        try await RunningExporter.runningDemo(["--buckets", "1"]) { exporter in
            let finished = try await RunningProcess.finished(
                Program.exporter, ["--web.listen-address", exporter.addresses[0]], environment: ["FLASHBACK_TOKEN": "token"])
            Self.expectOneLine(
                finished, says: "--web.listen-address: cannot listen on \(exporter.addresses[0]): Address already in use\n")
        }
    }

    private static func expectOneLine(
        _ finished: FinishedProcess, says text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(finished.end == .status(2), sourceLocation: sourceLocation)
        #expect(finished.outputText == "", sourceLocation: sourceLocation)
        let error = finished.errorText
        #expect(error.hasPrefix("flashback-exporter: error: "), sourceLocation: sourceLocation)
        #expect(error.hasSuffix("\n"), sourceLocation: sourceLocation)
        #expect(error.count { $0.isNewline } == 1, "\(error)", sourceLocation: sourceLocation)
        #expect(error.contains(text), "\(error)", sourceLocation: sourceLocation)
    }

    /// The text under a heading.
    private static func section(_ heading: String, of help: String) -> Substring? {
        guard let start = help.firstRange(of: "\n\(heading)\n") else { return nil }
        let rest = help[start.upperBound...]
        return rest[..<(rest.firstRange(of: "\n\n")?.lowerBound ?? rest.endIndex)]
    }
}
