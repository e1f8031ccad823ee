import Foundation
import TestTools
import Testing

/// The tests of the mixin, including the unit tests of the rules, are written in Python, next to it: `mixin/tests`.
@Suite(.timeLimit(.minutes(10))) struct MixinTests {
    @Test func rulesAndDashboardsAreItsRenderingAndPassTheirUnitTests() async throws {
        let finished = try await Python.finished(
            ["-m", "unittest", "discover", "--start-directory", RepositoryFile("mixin/tests").path],
            environment: ["JSONNET": try Program.jsonnet().path(), "PROMTOOL": try Program.promtool().path()])
        #expect(finished.end == .status(0), "\(finished.errorText)")
        // A run that finds no tests proves nothing.
        let count = try #require(finished.errorText.firstMatch(of: /Ran (\d+) tests/))
        #expect((Int(count.1) ?? 0) >= 16, "\(finished.errorText)")
    }
}
