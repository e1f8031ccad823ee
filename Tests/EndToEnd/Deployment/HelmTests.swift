import Foundation
import TestTools
import Testing

/// The tests of the chart are written in Python, beside the checks of manifests: `deploy/tests/test_chart*.py`.
@Suite(.timeLimit(.minutes(10)))
struct HelmTests {
    @Test func chartMatchesTheKustomizationsAndRefusesInvalidValues() async throws {
        let finished = try await Python.finished(
            ["-m", "unittest", "discover", "--start-directory", RepositoryFile("deploy/tests").path],
            environment: [
                "EXPORTER": Program.exporter.path(), "KUBECTL": try Program.kubectl().path(),
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            ])
        #expect(finished.end == .status(0), "\(finished.errorText)")
        // A run that finds no tests proves nothing.
        let count = try #require(finished.errorText.firstMatch(of: /Ran (\d+) tests/))
        #expect((Int(count.1) ?? 0) >= 20, "\(finished.errorText)")
    }
}
