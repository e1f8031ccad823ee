import Foundation
import TestTools
import Testing

/// The parts of scripts/torture.sh that run the finished programs, for a short time.
@Suite(.timeLimit(.minutes(10))) struct TortureTests {
    private func run(_ arguments: [String]) async throws -> FinishedProcess {
        // The scripts find the programs there.
        let programs = Program.exporter.deletingLastPathComponent().path()
        let finished = try await Python.finished(arguments, environment: ["PROGRAMS": programs])
        #expect(finished.end == .status(0), "\(finished.outputText)\(finished.errorText)")
        return finished
    }

    @Test(arguments: ["harness", "torture/chaos", "torture/mutation", "torture/soak"])
    func judgesFindWhatIsWrong(_ directory: String) async throws {
        let path = RepositoryFile("scripts/\(directory)").path
        let finished = try await run(["-m", "unittest", "discover", "--start-directory", path])
        #expect(!finished.errorText.contains("Ran 0 tests"))
    }

    @Test func programKeepsItsPromisesUnderFaults() async throws {
        let script = RepositoryFile("scripts/torture/chaos/main.py").path
        let finished = try await run([script, "--cycles", "6", "--slack", "10"])
        #expect(finished.outputText.contains(/chaos \(programs\): [0-9]+ cycles, seed [0-9]+: all held\n/))
    }

    @Test func soakMeasuresAndLosesNoBucket() async throws {
        let script = RepositoryFile("scripts/torture/soak/main.py").path
        let finished = try await run([script, "--duration", "4s", "--buckets", "20", "--pace", "30"])
        #expect(finished.outputText.contains(/soak: 0 minutes, 20 buckets, .* 0 buckets missing, .*: all held\n/))
    }

    /// A changed line may no longer be the one that a defect of scripts/torture/mutation.sh replaces.
    @Test func deliberateDefectsFitTheSources() async throws {
        let finished = try await run([RepositoryFile("scripts/torture/mutation/run.py").path, "check"])
        #expect(finished.outputText.contains(/mutation: [0-9]+ defects fit the sources\n/))
    }

    @Test func unknownPartIsNamed() async throws {
        let finished = try await RunningProcess.finished(URL(filePath: RepositoryFile("scripts/torture.sh").path), ["nothing"])
        #expect(finished.end == .status(2))
        #expect(finished.errorText.contains("there is no scripts/torture/nothing.sh"))
    }
}
