import Foundation

/// Python with the packages of `Tests/requirements.txt`.
enum Python {
    /// Runs a Python program to its end.
    static func finished(
        _ arguments: [String], environment variables: [String: String] = [:], input: Data = Data()
    ) async throws -> FinishedProcess {
        var environment = variables
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment["PYTHONPATH"] = ProcessInfo.processInfo.environment["PYTHONPATH"]
        return try await RunningProcess.finished(
            try Program.python(), arguments, environment: environment, input: input)
    }
}
