import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10)))
struct WorkflowTests {
    private static let workflows = RepositoryFile(".github/workflows")

    private static func text(_ name: String) throws -> String { try RepositoryFile(".github/workflows/\(name)").text() }

    /// Checks files against a schema that check-jsonschema contains.
    private func expectValid(_ files: [String], _ schema: String) async throws {
        try #require(!files.isEmpty)
        let check = try await Python.finished(["-m", "check_jsonschema", "--builtin-schema", schema] + files)
        #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
    }

    @Test func workflowsAndIssueFormsMatchGitHubsSchemas() async throws {
        let workflows = try Self.workflows.names(endingIn: ".yml").map { RepositoryFile(".github/workflows/\($0)").path }
        try await expectValid(workflows, "vendor.github-workflows")
        let forms = RepositoryFile(".github/ISSUE_TEMPLATE")
        let names = try forms.names(endingIn: ".yml").filter { $0 != "config.yml" }
        try await expectValid(names.map { "\(forms.path)/\($0)" }, "vendor.github-issue-forms")
        try await expectValid(["\(forms.path)/config.yml"], "vendor.github-issue-config")
        try await expectValid([RepositoryFile(".github/dependabot.yml").path], "vendor.dependabot")
    }

    @Test func invalidWorkflowIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let text = try Self.text("tests.yml").replacing("runs-on:", with: "run-on:")
        let file = try directory.write(text, to: "tests.yml")
        let check = try await Python.finished(["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", file])
        #expect(check.end == .status(1))
    }

    @Test func zizmorFindsNoWeakness() async throws {
        let directory = RepositoryFile(".github").path
        let check = try await RunningProcess.finished(
            try Program.zizmor(), ["--offline", "--no-progress", "--color=never", directory])
        #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
        // The check would find a weakness: here, actions that are not pinned.
        let copy = try TemporaryDirectory()
        let text = try Self.text("tests.yml").replacing(/@[0-9a-f]{40} # v[0-9.]+/, with: "@v4")
        let file = try copy.write(text, to: "tests.yml")
        let refusal = try await RunningProcess.finished(try Program.zizmor(), ["--offline", "--no-progress", file])
        #expect(refusal.end != .status(0))
    }

    @Test func everyActionIsPinnedToACommitWithItsVersion() throws {
        var count = 0
        for name in try Self.workflows.names(endingIn: ".yml") {
            // A workflow of this repository has the same commit.
            for line in try Self.text(name).split(separator: "\n") where line.contains("uses:") && !line.contains("uses: ./") {
                count += 1
                #expect(line.contains(/uses: [a-z-]+\/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$/), "\(name): \(line)")
            }
        }
        #expect(count > 5)
    }

    @Test func scriptsInWorkflowsAndCommandsInFormsExist() async throws {
        for name in try Self.workflows.names(endingIn: ".yml") {
            for match in try Self.text(name).matches(of: /(?:^|[\s(])((?:scripts\/|\.ci\/)[a-z.-]+)/).map({ String($0.1) })
            where !match.contains("*") && !match.hasSuffix("/") {
                #expect(FileManager.default.isExecutableFile(atPath: RepositoryFile(match).path), "\(name): \(match)")
            }
        }
        let help = try await RunningProcess.finished(Program.exporter, ["--help"]).outputText
        for form in ["bug.yml", "feature.yml"] {
            let text = try RepositoryFile(".github/ISSUE_TEMPLATE/\(form)").text()
            #expect(text.contains("`flashback-exporter check`"))
            for match in text.matches(of: /`flashback-exporter ([a-z-]+)`/) where !match.1.hasPrefix("-") {
                #expect(help.contains("\n  \(match.1) "), "\(form): \(match.1)")
            }
        }
    }

    @Test func weeklyRebuildTakesUpdatesOfTheBaseImage() throws {
        let dockerfile = try RepositoryFile("deploy/Dockerfile").text()
        let stages = dockerfile.matches(of: /(?m)^FROM ([^ \n]+)/).map { String($0.1) }
        #expect(stages.last?.contains(/^debian:[0-9]+-slim$/) == true, "\(stages)")
        #expect(dockerfile.contains("org.opencontainers.image.base.name=\"docker.io/library/\(stages.last ?? "")\""))
        #expect(dockerfile.contains("apt-get upgrade --yes"))
        let workflow = try Self.text("image.yml")
        #expect(workflow.contains("schedule:") && workflow.contains("--pull --no-cache"))
    }

    @Test func nothingIsPublishedWithoutTheTests() throws {
        #expect(try Self.text("tests.yml").contains("\n  workflow_call:\n"))
        for (name, job) in [
            ("release.yml", "publish:\n    needs: [tests, build, reproducible]"), ("image.yml", "image:\n    needs: tests"),
        ] {
            let workflow = try Self.text(name)
            #expect(workflow.contains("uses: ./.github/workflows/tests.yml") && workflow.contains(job), "\(name)")
        }
    }

    @Test func versionScriptPrintsTheVersionOfTheProgram() async throws {
        let script = try await RunningProcess.finished(URL(filePath: RepositoryFile("scripts/version.sh").path), [])
        let program = try await RunningProcess.finished(Program.exporter, ["--version"]).outputText
        let version = script.outputText.trimmingCharacters(in: .newlines)
        #expect(program.hasPrefix("flashback-exporter, version \(version) ") && version.contains(/^[0-9]+\.[0-9]+\.[0-9]+$/))
    }
}
