import Foundation
import TestTools

/// The program `flashback-simulator`, started by a test.
struct RunningSimulator {
    let process: RunningProcess
    let url: String

    /// A token that the simulators of these tests accept.
    static let token = "c4nary-static-token"

    /// Runs the simulator on a port chosen by the kernel while the body runs.
    static func running<Result>(
        _ arguments: [String] = [], _ body: (RunningSimulator) async throws -> Result
    ) async throws -> Result {
        let fixed = ["--web.listen-address", "127.0.0.1:0", "--token", token, "--latency", "0s", "--jitter", "0s"]
        return try await RunningProcess.running(Program.simulator, fixed + arguments) { process in
            let line = try await process.line(of: .output, containing: "Listening on ")
            return try await body(RunningSimulator(process: process, url: String(line.dropFirst("Listening on ".count))))
        }
    }

    /// Runs a command of the exporter against this simulator to its end.
    func finished(_ arguments: [String]) async throws -> FinishedProcess {
        try await RunningProcess.finished(
            Program.exporter, arguments + ["--flashback.url", url, "--flashback.timeout", "5m"],
            environment: ["FLASHBACK_TOKEN": Self.token])
    }
}
