import Foundation
import Testing

/// The rules with every release of promtool. `RuleTests` runs all unit tests with one of them, `scripts/readers.sh` with all.
@Suite(.timeLimit(.minutes(10))) struct PromtoolTests {
    @Test(arguments: DebianRelease.allCases) func promtoolAcceptsRulesAndConfiguration(_ release: DebianRelease) async throws {
        let rules = try RuleFile.all().map(\.file.path)
        let checks = [
            ["check", "rules", "--lint=all", "--lint-fatal"] + rules,
            ["check", "config", RepositoryFile("prometheus/prometheus.yml").path],
        ]
        for arguments in checks {
            let check = try await RunningProcess.finished(try release.promtool(), arguments)
            #expect(check.end == .status(0), "\(check.outputText)\(check.errorText)")
        }
    }

    /// Prometheus 3 leaves out a sample at the start of a window: these tests depend on such samples.
    @Test(arguments: ["FlashbackBucketDegraded", "FlashbackCounterRegressions", "FlashbackNodeDown"])
    func windowsHaveTheSameSamplesInPrometheus3(_ name: String) async throws {
        let file = RepositoryFile("prometheus/tests/\(name).yml")
        let promtool = try await RunningProcess.finished(try DebianRelease.forky.promtool(), ["test", "rules", file.path])
        #expect(promtool.end == .status(0), "\(promtool.outputText)\(promtool.errorText)")
    }
}
