import Foundation

/// Python, with the packages of `Tests/requirements.txt` in its sight.
enum Python {
    /// Runs a script with some input to its end.
    static func run(_ script: String, _ arguments: [String] = [], input: Data = Data()) async throws -> FinishedProcess {
        var environment: [String: String] = [:]
        environment["PYTHONPATH"] = ProcessInfo.processInfo.environment["PYTHONPATH"]
        return try await RunningProcess.finished(
            try Program.python(), ["-c", script] + arguments, environment: environment, input: input)
    }
}
