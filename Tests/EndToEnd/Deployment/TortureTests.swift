import Foundation
import TestTools
import Testing

/// The harnesses of scripts/torture.sh that run the finished programs, for a short time.
@Suite(.timeLimit(.minutes(10))) struct TortureTests {
    private func harness(_ arguments: [String]) async throws -> FinishedProcess {
        let finished = try await Python.finished(arguments)
        #expect(finished.end == .status(0), "\(finished.outputText)\(finished.errorText)")
        return finished
    }

    @Test func judgesOfTheHarnessesFindWhatIsWrong() async throws {
        let directory = RepositoryFile("scripts/torture").path
        _ = try await harness(["-m", "unittest", "discover", "--start-directory", directory])
    }

    @Test func programKeepsItsPromisesUnderFaults() async throws {
        let programs = Program.exporter.deletingLastPathComponent().path()
        let arguments = ["--programs", programs, "--cycles", "6", "--slack", "10"]
        let finished = try await harness([RepositoryFile("scripts/torture/chaos.py").path] + arguments)
        #expect(finished.outputText.contains(/chaos \(programs\): [0-9]+ cycles, seed [0-9]+: all held\n/))
    }

    @Test func soakMeasuresAndLosesNoBucket() async throws {
        let programs = Program.exporter.deletingLastPathComponent().path()
        let arguments = ["--programs", programs, "--duration", "4s", "--buckets", "20", "--interval", "0.5"]
        let finished = try await harness([RepositoryFile("scripts/torture/soak.py").path] + arguments)
        #expect(finished.outputText.contains(/soak: 0 minutes, 20 buckets, .* 0 buckets missing, .*: all held\n/))
    }

    /// A changed line may no longer be the one that a defect of scripts/torture/mutation.sh replaces.
    @Test func deliberateDefectsFitTheSources() async throws {
        let finished = try await harness([RepositoryFile("scripts/torture/mutation/run.py").path, "check"])
        #expect(finished.outputText.contains(/mutation: [0-9]+ defects fit the sources\n/))
    }

    @Test func unknownPartIsNamed() async throws {
        let finished = try await RunningProcess.finished(URL(filePath: RepositoryFile("scripts/torture.sh").path), ["nothing"])
        #expect(finished.end == .status(2))
        #expect(finished.errorText.contains("there is no scripts/torture/nothing.sh"))
    }
}
