import FlashbackSimulator
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct DocumentedCommandTests {
    @Test(arguments: try Document.all().filter { !$0.commands.isEmpty })
    func commandsWork(_ document: Document) async throws {
        try await Reader.follow(document)
    }

    @Test(arguments: try Document.all().filter { !$0.commands.isEmpty })
    func commandsAreValidShellAndNameExistingFiles(_ document: Document) async throws {
        let top = Set(try Reader.namesInCheckout())
        for command in document.commands {
            let syntax = try await RunningProcess.finished(URL(filePath: "/bin/sh"), ["-n", "-c", command.text])
            #expect(syntax.end == .status(0), "\(command.text): \(syntax.errorText)")
            for file in command.files(among: top) {
                let found = try await RunningProcess.finished(
                    URL(filePath: "/bin/sh"), ["-c", "cd \"$0\" && ls -d \(file)", RepositoryFile("").path])
                #expect(found.end == .status(0), "\(command.text): \(found.errorText)")
            }
        }
    }

    @Test func blocksDeclareTheirLanguage() throws {
        let known: Set = ["sh", "ini", "json", "jsonnet", "mermaid", "promql", "swift", "text", "yaml"]
        for document in try Document.all() {
            for block in document.blocks { #expect(known.contains(block.language), "\(document.path): \(block.text)") }
        }
    }

    @Test func outputMatchesGettingStarted() async throws {
        let shown = try Document("docs/getting-started.md").blocks.filter { $0.language == "text" }.map(\.text)
        let simulation = FlashbackSimulation.small(buckets: 20)
        try await FlashbackSimulator.serving(simulation) { simulator in
            let check = try await RunningProcess.finished(
                Program.exporter,
                ["check", "--flashback.url", simulator.url, "--flashback.connect-timeout", "2m", "--flashback.timeout", "5m"],
                environment: ["FLASHBACK_TOKEN": simulation.issueTokens().accessToken])
            // The token's age depends on the time of the check, and the sizes in the table depend on the values.
            let output = check.outputText.replacing(/(?s)scrape: [0-9]+ series, .*/, with: "")
                .replacing(simulator.url, with: "https://backend.flashback.tech")
                .replacing(/expires in [0-9]+ min/, with: "expires in 59 min")
            #expect(shown == [output])
        }
    }

    @Test func systemdCommandsNameExistingUnits() throws {
        for command in try Document.all().flatMap(\.commands) {
            let words = command.withoutComments.split { " \n|".contains($0) }.drop { $0 == "sudo" }
            guard let program = words.first, ["systemctl", "journalctl"].contains(program) else { continue }
            for unit in words where unit.hasPrefix("flashback-exporter") {
                let file = RepositoryFile("deploy/systemd/\(unit.contains(".") ? unit : "\(unit).service")")
                #expect(FileManager.default.fileExists(atPath: file.path), "\(command.text)")
            }
        }
    }

    @Test func buildCommandsNameExistingProductsModulesAndSuites() throws {
        let package = try RepositoryFile("Package.swift").text()
        let tests = try FileManager.default.subpathsOfDirectory(atPath: RepositoryFile("Tests").path)
        for command in try Document.all().flatMap(\.commands) where command.text.hasPrefix("swift ") {
            for name in command.values(of: "--product") + command.values(of: "--target") {
                #expect(package.contains("\"\(name)\""), "\(command.text)")
            }
            for name in command.values(of: "--filter") {
                let isThere = package.contains("\"\(name)\"") || tests.contains { $0.hasSuffix("/\(name).swift") }
                #expect(isThere, "\(command.text)")
            }
        }
    }

    @Test func reasonsForSkippedCommandsStillApply() throws {
        let commands = try Document.all().flatMap(\.commands)
        for (beginning, _) in DocumentedCommand.notRun {
            #expect(commands.contains { $0.bare.hasPrefix(beginning) }, "\(beginning)")
        }
    }

    @Test func commandsAreJoinedFromLinesWithoutComments() {
        let block = """
            # first
            a 'b  c' \\
                d    # e
            f |
                g
            h
            """
        #expect(DocumentedCommand.commands(in: block).map(\.text) == ["a 'b  c' \\\n    d    # e", "f |\n    g", "h"])
        #expect(DocumentedCommand(text: "sudo apt-get install x").reasonNotToRun != nil)
        #expect(DocumentedCommand(text: #"REVISION="$(git rev-parse HEAD)" docker compose up"#).reasonNotToRun != nil)
        #expect(DocumentedCommand(text: "apt-getter").reasonNotToRun == nil)
        let command = DocumentedCommand(text: "cp a/b ./a/*.c \"$A/b\" /a/b x/y --d=a/e # a/comment")
        #expect(command.files(among: ["a"]) == ["a/b", "./a/*.c", "a/e"])
    }
}
