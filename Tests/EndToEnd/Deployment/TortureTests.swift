import Foundation
import TestTools
import Testing

/// The parts of scripts/torture.sh that run the finished programs, for a short time.
@Suite(.timeLimit(.minutes(10))) struct TortureTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> FinishedProcess {
        // The scripts use the programs in this directory.
        let programs = Program.exporter.deletingLastPathComponent().path()
        let finished = try await Python.finished(arguments, environment: environment.merging(["PROGRAMS": programs]) { $1 })
        #expect(finished.end == .status(0), "\(finished.outputText)\(finished.errorText)")
        return finished
    }

    @Test(arguments: ["harness", "torture/chaos", "torture/crash", "torture/floods", "torture/mutation", "torture/soak"])
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

    /// One flood over HTTP/1.1 and one over HTTP/2. The published cases are in repositories that only the script fetches.
    @Test func scrapesAreInTimeDuringFloods() async throws {
        let script = RepositoryFile("scripts/torture/floods/main.py").path
        let finished = try await run([script, "pipelining", "rapid-resets"], environment: ["FLOOD_SECONDS": "1"])
        #expect(finished.outputText.contains(/floods: 2 floods of 1 s, .* [0-9]+ scrapes; each scrape in [0-9]+ s, .*\n/))
    }

    /// One crash before the new token's first byte, two until its rename, and one after it.
    @Test func everyTokenOnTheDiskSurvivesACrash() async throws {
        let script = RepositoryFile("scripts/torture/crash/main.py").path
        let finished = try await run([script, "renewal"], environment: ["CRASH_CALLS": "write token|fsync|rename"])
        #expect(finished.outputText.contains(/crash: 4 crashes, .*: 3 survived .*, 1 needed a new log-in, .*; everything held\n/))
    }

    /// Fails if a change removed a line that a defect of scripts/torture/mutation.sh replaces.
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
