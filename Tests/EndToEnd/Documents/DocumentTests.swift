import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct DocumentTests {
    // MARK: Links

    @Test(arguments: try Document.all())
    func relativeLinksAndAnchorsExist(_ document: Document) throws {
        let folder = URL(filePath: "/\(document.path)").deletingLastPathComponent()
        for link in document.links where !link.contains(":") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target =
                parts[0].isEmpty ? document.path : String(folder.appending(path: parts[0]).standardized.path().dropFirst())
            #expect(FileManager.default.fileExists(atPath: RepositoryFile(target).path), "\(link)")
            if parts.count > 1, target.hasSuffix(".md") {
                #expect(try Document(target).anchors.contains(parts[1]), "\(link)")
            }
        }
    }

    @Test func indexListsEveryDocument() throws {
        let index = Set(try Document("docs/README.md").links)
        for document in try Document.all() where document.path != "docs/README.md" {
            let isRunbook = document.path.hasPrefix("docs/runbooks/") && document.path != "docs/runbooks/README.md"
            if isRunbook { continue }  // They have their own index.
            let link = document.path.hasPrefix("docs/") ? String(document.path.dropFirst(5)) : "../\(document.path)"
            #expect(index.contains(link), "\(document.path)")
        }
        #expect(try Document("README.md").links.contains("docs/README.md"))
    }

    @Test func headingIdentifiersMatchGitHub() {
        let document = Document(
            "a.md", text: "# The page at `/`\n## A.b, [c](d.md) – e_f!\n### Twice\n```sh\n# no heading\n```\n### Twice\n")
        #expect(document.anchors == ["the-page-at-", "ab-c--e_f", "twice", "twice-1"])
    }

    // MARK: Names

    @Test func flagsExist() async throws {
        let known = try await Self.flagsInHelp().union(Self.flagsOfOtherPrograms)
        #expect(known.count > 60)
        for document in try Document.all() {
            for flag in Self.flags(in: document.text.replacing("--[no-]", with: "--")) {
                #expect(known.contains(flag) || known.contains { $0.hasPrefix("\(flag).") }, "\(document.path): \(flag)")
            }
        }
    }

    @Test func environmentVariablesExist() async throws {
        let help = try await Self.help([])
        let known = Set(help.matches(of: /\[\$(FLASHBACK_[A-Z0-9_]+)\]/).map { String($0.1) })
        #expect(known.count > 20)
        for document in try Document.all() {
            for match in document.text.matches(of: /FLASHBACK_EXPORTER_[A-Z0-9_]+/) {
                let name = String(match.0)
                #expect(known.contains(name) || Self.variablesOfKubernetes.contains(name), "\(document.path): \(name)")
            }
        }
    }

    @Test func metricsExist() throws {
        let reference = try RepositoryFile("docs/metrics.md").text()
        var known = Set(reference.matches(of: /\n\| `([a-z0-9_]+)` \|/).map { String($0.1) })
        #expect(known.count > 30)
        for name in known where name.hasSuffix("_seconds") { known.formUnion(["_bucket", "_count", "_sum"].map { name + $0 }) }
        for rule in try RuleFile.all() {
            known.formUnion(try rule.file.text().matches(of: /record: ([a-z0-9_:]+)/).map { String($0.1) })
        }
        // The mixin records further metrics with other settings.
        for name in try RepositoryFile("mixin/rules").names(endingIn: ".libsonnet") {
            let rules = try RepositoryFile("mixin/rules/\(name)").text()
            known.formUnion(rules.matches(of: /record: '([a-z0-9_:]+)'/).map { String($0.1) })
        }
        // The changelog also names removed metrics.
        for document in try Document.all() where !["CHANGELOG.md", "CONTRIBUTING.md"].contains(document.path) {
            for match in document.text.matches(of: /(^|[^\/A-Za-z0-9_:.$-])((?:[a-z]+:)?flashback_[a-z0-9_:]*[a-z0-9])(_?)/) {
                // A name followed by an ellipsis or a star is a prefix of several names.
                let name = String(match.2)
                let end = document.text[match.range.upperBound...].first ?? " "
                if "./".contains(end), document.text[match.range.upperBound...].dropFirst().first?.isLetter == true { continue }
                let isBeginning = !match.3.isEmpty
                #expect(
                    isBeginning ? known.contains { $0.hasPrefix("\(name)_") } : known.contains(name), "\(document.path): \(name)")
            }
        }
    }

    @Test func alertsExist() throws {
        let rules = try RuleFile.all().map { try $0.file.text() }.joined()
        let known = Set(rules.matches(of: /alert: ([A-Za-z]+)/).map { String($0.1) })
        for document in try Document.all() {
            for match in document.text.matches(of: /\[([A-Z][A-Za-z]+)\]\((?:docs\/)?(?:runbooks\/)?([A-Za-z]+)\.md\)/)
            where match.1 == match.2 {
                #expect(
                    known.contains(String(match.1)) || document.text.contains("# \(match.1)\n"), "\(document.path): \(match.1)")
            }
        }
    }

    @Test func logLinesAndErrorsOfTheOperatingGuideExist() throws {
        let sources = try FileManager.default.subpathsOfDirectory(atPath: RepositoryFile("Sources").path)
            .filter { $0.hasSuffix(".swift") }.map { try RepositoryFile("Sources/\($0)").text() }.joined(separator: "\n")
        let guide = try Document("docs/operating.md").text
        let logged = guide.matches(of: /msg="((?:[^"\\]|\\.)+)"/).map { String($0.1) }
        #expect(logged.count > 5)
        for message in logged {
            // Evaluated outside the expectation, which would print all sources.
            let isThere = sources.contains("\"\(message)\"")
            #expect(isThere, "\(message)")
        }
        let rows = guide.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { $0.dropFirst().prefix { $0 != "|" } }
        let symptoms = rows.flatMap { $0.matches(of: /`([^`]*)`/) }.map { String($0.1) }.filter { $0.contains(" ") }
        #expect(symptoms.count > 5)
        for symptom in symptoms where !symptom.hasPrefix("msg=") && !Self.wordsOfOthers.contains(symptom) {
            for part in symptom.split(separator: "…") {
                let words = part.trimmingCharacters(in: .whitespaces)
                let isThere = sources.contains(words) || words.hasPrefix("flashback_")
                #expect(isThere, "\(words)")
            }
        }
    }

    @Test func sourceFilesExist() throws {
        let files = try ["Sources", "Tests"].flatMap {
            try FileManager.default.subpathsOfDirectory(atPath: RepositoryFile($0).path)
        }
        // CONTRIBUTING.md names files of an example extension that do not exist.
        for document in try Document.all() where document.path != "CONTRIBUTING.md" {
            for match in document.text.matches(of: /`([A-Za-z0-9\/+]+\.swift)`/) {
                let isThere =
                    files.contains { "/Sources/\($0)".hasSuffix("/\(match.1)") || "Tests/\($0)" == match.1 }
                    || match.1 == "Package.swift"
                #expect(isThere, "\(document.path): \(match.1)")
            }
        }
    }

    @Test(
        arguments: ["docs/accounts.md", "docs/configuration.md", "docs/getting-started.md"])
    func exporterAcceptsItsConfigurations(_ path: String) async throws {
        let document = try Document(path)
        let blocks = document.blocks.filter {
            $0.language == "yaml" && $0.text.contains(/(?:^|\n)(?:accounts|flashback|web):\n/)
        }
        #expect(!blocks.isEmpty)
        for block in blocks {
            // The directory contains the files that the configuration names.
            let directory = try TemporaryDirectory()
            let text = block.text.replacing(#/: (?:/etc|/var/lib|/run)/#, with: ": \(try directory.made("root"))/")
            for match in text.matches(of: /(?:token-file|password-file): ([^ \n}]+)/) {
                let path = String(match.1)
                let name = path.hasPrefix("/") ? String(path.dropFirst(directory.path().count + 1)) : path
                _ = try directory.made(String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]))
                try directory.write("\(RunningExporter.token)\n", to: name)
            }
            try directory.write("", to: "web.yml")
            let file = try directory.write(text, to: "exporter.yml")
            let hasCredentials = text.contains(/(?:token|password)-file:/)
            let check = try await RunningProcess.finished(
                Program.exporter, ["--config.check", "--config.file", file],
                environment: hasCredentials ? [:] : ["FLASHBACK_TOKEN": RunningExporter.token])
            #expect(check.end == .status(0), "\(document.path): \(block.text)\(check.errorText)")
        }
    }

    @Test(arguments: try Document.all())
    func promtoolAcceptsThePrometheusConfigurations(_ document: Document) async throws {
        let directory = try TemporaryDirectory()
        for block in document.blocks where block.language == "yaml" && block.text.contains("scrape_configs:") {
            // The files that it names exist only on the reader's machine.
            let file = try directory.write(block.text, to: "prometheus.yml")
            let check = try await RunningProcess.finished(
                try Program.promtool(), ["check", "config", "--syntax-only", file])
            #expect(check.end == .status(0), "\(document.path): \(check.outputText)\(check.errorText)")
        }
    }

    // MARK: Known names

    private static func flagsInHelp() async throws -> Set<String> {
        let main = try await help([])
        let listed = main.split(separator: "SUBCOMMANDS:").last ?? ""
        var flags = Set(flags(in: main))
        for line in listed.split(separator: "\n") {
            guard let command = line.prefixMatch(of: #/  ([a-z-]+)(?: |$)/#) else { continue }
            flags.formUnion(Self.flags(in: try await help([String(command.1)])))
        }
        let simulator = try await RunningProcess.finished(Program.simulator, ["--help"])
        return flags.union(Self.flags(in: simulator.outputText))
    }

    private static func help(_ command: [String]) async throws -> String {
        let help = try await RunningProcess.finished(Program.exporter, command + ["--help"])
        try #require(help.end == .status(0), "\(command): \(help.errorText)")
        return help.outputText
    }

    /// The flags in a text, and the prefixes before a part in capitals, which is a placeholder.
    private static func flags(in text: String) -> [String] {
        text.matches(of: /(?:^|[^A-Za-z0-9-])(--[a-z][A-Za-z0-9.-]*)/).map { match in
            String(match.1.prefix { !$0.isUppercase }.reversed().drop { ".-".contains($0) }.reversed())
        }
    }

    private static let variablesOfKubernetes: Set = [
        "FLASHBACK_EXPORTER_SERVICE_HOST", "FLASHBACK_EXPORTER_PORT_10420_TCP", "FLASHBACK_EXPORTER_",
    ]

    /// Messages of the system and of Prometheus.
    private static let wordsOfOthers: Set = [
        "Permission denied", "context deadline exceeded", "server returned HTTP status 400",
    ]

    private static let flagsOfOtherPrograms: Set = [
        // curl
        "--silent", "--show-error", "--compressed", "--header", "--request", "--parallel",
        // docker
        "--file", "--build", "--build-arg", "--publish", "--volume", "--env", "--tag", "--rm", "--read-only", "--cap-drop",
        "--security-opt", "--user", "--no-healthcheck", "--userns", "--pull", "--no-cache",
        // kubectl
        "--namespace", "--from-file", "--from-literal", "--kustomize", "--selector", "--previous",
        // helm
        "--install", "--values",
        // swift, the benchmarks and the soak
        "--scratch-path", "--product", "--target", "--filter", "--strict", "--static-swift-stdlib", "--heavy", "--api-command",
        "--api-url", "--plain", "--pace",
        // useradd
        "--system", "--no-create-home", "--shell",
        // systemd
        "--unit", "--since", "--now", "--offline",
        // scripts of this project
        "--release", "--binary",
        // grep
        "--extended-regexp",
        // Prometheus, Mimir and Thanos
        "--agent", "--enable-feature", "--storage.agent.path", "--address", "--id", "--query.replica-label", "--endpoint",
        "--query", "--rule-file", "--alertmanagers.url", "--web.console.templates", "--web.external-url",
        // Prometheus and promtool, for a backfill
        "--max-block-duration", "--url", "--start", "--end", "--eval-interval", "--output-dir", "--query.lookback-delta",
        "--storage.tsdb.retention.time", "--storage.tsdb.allow-overlapping-blocks",
        // cp
        "--recursive",
        // A placeholder for any flag, and the example collector in CONTRIBUTING.md.
        "--no", "--collector.organization-nodes",
    ]
}
