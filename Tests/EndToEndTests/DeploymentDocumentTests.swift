import Foundation
import Testing

@Suite("What the documents on deployment say", .timeLimit(.minutes(10)))
struct DeploymentDocumentTests {
    /// The blocks of code of a kind in a document.
    private func blocks(_ language: String, of document: String) throws -> [String] {
        try Document(document).blocks.filter { $0.language == language }.map(\.text)
    }

    @Test("promtool takes the agents' configurations for what they are")
    func agents() async throws {
        let directory = try TemporaryDirectory()
        let configurations = try blocks("yaml", of: "docs/large-sites.md")
        #expect(configurations.count == 2)
        for configuration in configurations {
            // Files that it names are on the agents' machines.
            let file = try directory.write(configuration, to: "agent.yml")
            let check = try await RunningProcess.finished(
                try Program.promtool(), ["check", "config", "--agent", "--syntax-only", file])
            #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
            // What only a server does is refused there.
            let broken = try directory.write(configuration + "\nrule_files: [rules.yml]\n", to: "server.yml")
            let refusal = try await RunningProcess.finished(
                try Program.promtool(), ["check", "config", "--agent", "--syntax-only", broken])
            #expect(refusal.end != .status(0))
        }
    }

    @Test("The agents scrape all shards that the StatefulSet makes, under a job that the rules look for")
    func shards() throws {
        let shards = try RepositoryFile("deploy/kubernetes/sharded/statefulset.yaml").text()
        let count = try #require(shards.firstMatch(of: /\n  replicas: ([0-9]+)\n/).flatMap { Int($0.1) })
        for configuration in try blocks("yaml", of: "docs/large-sites.md") {
            let targets = configuration.matches(of: /- (flashback-exporter-[0-9]+\.[^ \n]+)/).map { String($0.1) }
            #expect(
                targets == (0..<count).map { "flashback-exporter-\($0).flashback-exporter.monitoring.svc:10420" })
            #expect(configuration.contains("job_name: flashback-exporter\n"))
        }
    }

    @Test("A kustomization on top of this one renders")
    func kustomization() async throws {
        let directory = try TemporaryDirectory()
        let kustomizations = try blocks("yaml", of: "docs/kubernetes.md")
        #expect(kustomizations.count == 2)
        // The checkout lies beside the user's own directory; what the oldest kubectl calls bases, newer ones take as such too.
        try FileManager.default.createSymbolicLink(
            atPath: directory.path("flashback-exporter"), withDestinationPath: RepositoryFile(".").url.standardized.path())
        let own = try directory.made("own")
        let kustomization = kustomizations[0].replacing("\nresources:\n", with: "\nbases:\n")
        try directory.write(kustomization, to: "own/kustomization.yaml")
        let kubectl = try await RunningProcess.finished(try Program.kubectl(), ["kustomize", own])
        #expect(kubectl.end == .status(0), "\(kubectl.errorText)")
        #expect(kubectl.outputText.contains("image: registry.example.com/flashback-exporter:0.1.0\n"))
        #expect(kubectl.outputText.contains("  namespace: monitoring\n"))
        // The other one patches an argument by its place.
        let shards = try RepositoryFile("deploy/kubernetes/sharded/statefulset.yaml").text()
        let arguments = shards.matches(of: /(?m)^ +- (--[^ ]+)$/).map(\.1)
        let place = try #require(kustomizations[1].firstMatch(of: /args\/([0-9]+)/).flatMap { Int($0.1) })
        #expect(arguments[place].hasPrefix("--shard.total="))
    }

    @Test("The image is built from what is there")
    func dockerfile() throws {
        let dockerfile = try RepositoryFile("deploy/Dockerfile").text()
        let admitted = try RepositoryFile("deploy/Dockerfile.dockerignore").text().split(separator: "\n")
            .filter { $0.hasPrefix("!") }.map { $0.dropFirst() }
        let copied = dockerfile.matches(of: /(?m)^COPY (?!--from)([^ ]+) [^ ]+$/).map(\.1)
        #expect(copied.count == 4)
        for source in copied {
            #expect(FileManager.default.fileExists(atPath: RepositoryFile(String(source)).path), "\(source)")
            #expect(admitted.contains { $0 == source }, "\(source) is not let through")
        }
        #expect(dockerfile.contains("\nUSER 65534:65534\n"))
        #expect(dockerfile.contains(#"CMD ["/usr/local/bin/flashback-exporter", "healthcheck"]"#))
        #expect(!dockerfile.contains("curl \\"))
    }
}
