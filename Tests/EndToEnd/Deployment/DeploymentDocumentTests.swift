import FlashbackSimulator
import Foundation
import TestSupport
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeploymentDocumentTests {
    /// The code blocks of a language in a document.
    private func blocks(_ language: String, of document: String) throws -> [String] {
        try Document(document).blocks.filter { $0.language == language }.map(\.text)
    }

    @Test func promtoolAcceptsTheAgentConfigurations() async throws {
        let directory = try TemporaryDirectory()
        let configurations = try blocks("yaml", of: "docs/large-sites.md")
        #expect(configurations.count == 3)
        for configuration in configurations {
            // The files that it names exist only on the agents' machines.
            let file = try directory.write(configuration, to: "agent.yml")
            let check = try await RunningProcess.finished(
                try Program.promtool(), ["check", "config", "--agent", "--syntax-only", file])
            #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
            // An agent refuses settings of a server.
            let broken = try directory.write(configuration + "\nrule_files: [rules.yml]\n", to: "server.yml")
            let refusal = try await RunningProcess.finished(
                try Program.promtool(), ["check", "config", "--agent", "--syntax-only", broken])
            #expect(refusal.end != .status(0))
        }
    }

    @Test func agentsScrapeAllShardsUnderAJobThatTheRulesMatch() throws {
        let shards = try RepositoryFile("deploy/kubernetes/sharded/statefulset.yaml").text()
        let count = try #require(shards.firstMatch(of: /\n  replicas: ([0-9]+)\n/).flatMap { Int($0.1) })
        for configuration in try blocks("yaml", of: "docs/large-sites.md") {
            let targets = configuration.matches(of: /- (flashback-exporter-[0-9]+\.[^ \n]+)/).map { String($0.1) }
            #expect(
                targets == (0..<count).map { "flashback-exporter-\($0).flashback-exporter.monitoring.svc:10420" })
            #expect(configuration.contains("job_name: flashback-exporter\n"))
        }
    }

    /// A directory with the files from docs/kubernetes.md at the documented places: the first account's in `own`, the other's in `archive`.
    private func kustomizations(_ change: (String) -> String = { $0 }) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: directory.path("flashback-exporter"), withDestinationPath: RepositoryFile(".").url.standardized.path())
        for folder in ["own", "archive", "plain"] { _ = try directory.made(folder) }
        for block in try blocks("yaml", of: "docs/kubernetes.md") {
            let name = try #require(block.firstMatch(of: /^# ([a-z\/.-]+)/)).1
            let text = change(block)
            let file = directory.path(name.contains("/") ? String(name) : "own/\(name)")
            // The last block with this name is about shards.
            if !FileManager.default.fileExists(atPath: file) { try Data(text.utf8).write(to: URL(filePath: file)) }
        }
        return directory
    }

    @Test func documentedOverlayRenders() async throws {
        let directory = try kustomizations()
        let rendered = try await Kustomization.rendered(directory.path("own"))
        #expect(rendered.contains(/image: registry\.example\.com\/flashback-exporter:[0-9]+\.[0-9]+\.[0-9]+\n/))
        #expect(rendered.contains("  namespace: monitoring\n"))
        #expect(try await Kustomization.problems(of: rendered, rules: RuleFile.all().map(\.file.path)) == "")
        // The kustomization for shards patches an argument by its index.
        let shards = try RepositoryFile("deploy/kubernetes/sharded/statefulset.yaml").text()
        let arguments = shards.matches(of: /(?m)^ +- (--[^ ]+)$/).map(\.1)
        let patch = try #require(try blocks("yaml", of: "docs/kubernetes.md").last)
        let place = try #require(patch.firstMatch(of: /args\/([0-9]+)/).flatMap { Int($0.1) })
        #expect(arguments[place].hasPrefix("--shard.total="))
    }

    @Test func kustomizationWithoutTheOperatorsKindsRenders() async throws {
        let directory = try kustomizations()
        let rendered = try await Kustomization.rendered(directory.path("plain"))
        #expect(try await Kustomization.problems(of: rendered, hasOperator: false) == "")
    }

    @Test func scrapeConfigurationWithoutTheOperatorIsValidAndKeepsThePort() async throws {
        let block = try #require(try blocks("yaml", of: "docs/kubernetes.md").first { $0.contains("kubernetes_sd_configs:") })
        // Debian's Prometheus is built without Kubernetes service discovery.
        let known = block.replacing(/kubernetes_sd_configs:\n(?:    .*\n)+/, with: "static_configs: []\n")
        try #require(known != block)
        let directory = try TemporaryDirectory()
        let file = try directory.write("scrape_configs:\n\(known)", to: "prometheus.yml")
        let check = try await RunningProcess.finished(try Program.promtool(), ["check", "config", "--syntax-only", file])
        #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
        let service = try RepositoryFile("deploy/kubernetes/base/service.yaml").text()
        let kept = try #require(block.firstMatch(of: /regex: ([a-z-]+);([a-z]+)\n/))
        #expect(service.contains("app.kubernetes.io/name: \(kept.1)\n"))
        #expect(service.contains("- name: \(kept.2)\n"))
    }

    @Test func overlayOfAnotherAccountSharesNothingWithTheFirst() async throws {
        let directory = try kustomizations()
        let first = try await Kustomization.rendered(directory.path("own"))
        let other = try await Kustomization.rendered(directory.path("archive"))
        #expect(try await Kustomization.problems(of: other, beside: first) == "")
        // The document tells the user to create this Secret.
        let secret = try #require(other.firstMatch(of: /secretName: ([a-z-]+)/)).1
        #expect(try Document("docs/kubernetes.md").text.contains("kubectl create secret generic \(secret) "))
        // The exporter accepts its configuration.
        let password = try directory.write("secret", to: "password")
        let configuration = try String(contentsOfFile: directory.path("archive/flashback-exporter.yml"), encoding: .utf8)
        let file = try directory.write(
            configuration.replacing("/run/secrets/flashback/password", with: password), to: "flashback-exporter.yml")
        let check = try await RunningProcess.finished(
            Program.exporter, ["--config.file=\(file)", "--config.check"],
            environment: ["FLASHBACK_EXPORTER_FLASHBACK_EMAIL": "archive@example.com"])
        #expect(check.end == .status(0), "\(check.errorText)")
    }

    /// The files that the other account needs, and the error when each is missing.
    static let parts = [
        (
            "labels:\n  - pairs:\n      app.kubernetes.io/instance: archive\n    includeSelectors: true\n"
                + "    fields:\n      - kind: ServiceMonitor\n        path: spec/selector/matchLabels\n",
            "a Service selects what belongs to the other account"
        ),
        ("                  name: flashback-exporter-archive\n", "both accounts read the Secret"),
        ("          secret:\n            secretName: flashback-exporter-archive\n", "both accounts read the Secret"),
        (
            "    fields:\n      - kind: ServiceMonitor\n        path: spec/selector/matchLabels\n",
            "a ServiceMonitor selects what belongs to the other account"
        ),
        ("nameSuffix: -archive\n", "both accounts have"),
    ]

    @Test(arguments: parts)
    func overlayFailsWithoutAnyOfItsParts(part: String, problem: String) async throws {
        let directory = try kustomizations { $0.replacing(part, with: "") }
        let whole = try blocks("yaml", of: "docs/kubernetes.md").joined()
        try #require(whole.contains(part))
        let first = try await Kustomization.rendered(directory.path("own"))
        let other = try await Kustomization.rendered(directory.path("archive"))
        #expect(try await Kustomization.problems(of: other, beside: first).contains(problem))
    }

    @Test func dockerfileCopiesExistingFiles() throws {
        let dockerfile = try RepositoryFile("deploy/Dockerfile").text()
        let admitted = try RepositoryFile("deploy/Dockerfile.dockerignore").text().split(separator: "\n")
            .filter { $0.hasPrefix("!") }.map { $0.dropFirst() }
        let copied = dockerfile.matches(of: /(?m)^COPY (?!--from)(.+) [^ ]+$/).flatMap { $0.1.split(separator: " ") }
        #expect(copied.count == 5)
        for source in copied {
            // A file with a star may be missing.
            let name = source.last == "*" ? source.dropLast() : source
            let isThere = name != source || FileManager.default.fileExists(atPath: RepositoryFile(String(source)).path)
            #expect(isThere, "\(source)")
            #expect(admitted.contains { $0 == name }, "\(source) is not let through")
        }
        #expect(dockerfile.contains("\nUSER 65534:65534\n"))
        #expect(!dockerfile.contains("curl \\"))
    }

    @Test func imageBuildPassesTheRevisionToTheProgram() async throws {
        let builds = try Document.all().flatMap(\.commands).filter { $0.bare.hasPrefix("docker build ") }
        #expect(builds.count >= 3)
        for build in builds {
            #expect(build.text.contains(#"--build-arg REVISION="$(git rev-parse HEAD)""#), "\(build.text)")
        }
        let compose = try RepositoryFile("deploy/compose.yaml").text()
        #expect(compose.contains(#"args: {REVISION: "${REVISION:-unknown}"}"#))
        let dockerfile = try RepositoryFile("deploy/Dockerfile").text()
        #expect(dockerfile.contains(/\nARG REVISION=unknown\nRUN export BUILD_REVISION="\$REVISION" && .*build-static\.sh/))
        let directory = try TemporaryDirectory()
        let manifest = try await RunningProcess.finished(
            URL(filePath: "/bin/sh"),
            [
                "-c", "exec swift package --package-path \"$0\" --scratch-path \"$1\" dump-package", RepositoryFile("").path,
                try directory.made("scratch"),
            ], environment: ["BUILD_REVISION": "0123abc", "HOME": try directory.made("home")])
        #expect(manifest.end == .status(0), "\(manifest.errorText)")
        #expect(manifest.outputText.contains(#"BUILD_REVISION=\"0123abc\""#))
    }

    /// The methods in docs/debian.md for providing credentials, by the file of the secret.
    static let ways = ["refresh-token", "password", "token"]

    @Test(arguments: ways)
    func credentialCommandsOfDebianDocumentWork(_ secret: String) async throws {
        let document = try Document("docs/debian.md")
        let number = try #require(Self.ways.firstIndex(of: secret))
        let commands = document.blocks.filter { $0.language == "sh" && $0.text.contains("/credentials/") }
        try #require(commands.count == Self.ways.count)
        #expect(commands[number].text.contains("cat > /etc/flashback-exporter/credentials/\(secret)'\n"))
        // The service does not start by itself.
        #expect(commands[number].text.hasSuffix("\nsudo systemctl restart flashback-exporter\n"))
        let settings = document.blocks.filter { $0.language == "yaml" }.map(\.text)
        try #require(settings.count == Self.ways.count)

        // The package's configuration, with its lines replaced by those of this method.
        let packaged = try RepositoryFile("deploy/debian/flashback-exporter.yml").text()
        let active = packaged.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }.map { "\($0)\n" }
        #expect(active.joined() == settings[0])
        let configured = active.reduce(packaged) { $0.replacing($1, with: "") } + settings[number]
        let simulation = FlashbackSimulation.small { $0.email = "prometheus@example.com" }
        let texts = [
            simulation.issueTokens().refreshToken, SimulatorConfiguration().password, simulation.issueTokens().accessToken,
        ]
        let directory = try TemporaryDirectory()
        try directory.write(texts[number], to: "flashback_\(secret)")
        // As deploy/systemd/adopt-refresh-token does.
        if secret == "refresh-token" { try directory.write(texts[number], to: secret) }
        let file = try directory.write(
            configured.replacing("/run/credentials/flashback-exporter.service/", with: directory.path() + "/")
                .replacing("/var/lib/flashback-exporter/", with: directory.path() + "/"), to: "flashback-exporter.yml")
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--config.file=\(file)", "--flashback.url=\(simulator.url)", "--flashback.timeout=5m"]
            let check = try await RunningProcess.finished(Program.exporter, ["check"] + arguments)
            #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
        }
    }
}
