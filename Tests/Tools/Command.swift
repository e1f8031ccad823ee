package import Foundation

/// The options of sanitizers in this environment. `scripts/torture/sanitizers.sh` makes the sanitizers write their reports to files: a
/// test may kill a program, or ignore its status and its output.
package let sanitizerOptions = ProcessInfo.processInfo.environment.filter {
    ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"].contains($0.key)
}

/// A program that runs to its end.
package enum Command {
    package struct Result: Sendable {
        package let status: Int32
        package let output: Data

        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    package struct Failed: Error {
        let command: String
        let output: String
    }

    /// Runs a program from PATH.
    /// - Parameters:
    ///   - directory: the working directory; nil for the current one.
    ///   - includesErrors: whether the output includes the error stream, which is discarded otherwise.
    package static func result(
        _ arguments: [String], in directory: String? = nil, includesErrors: Bool = false
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = includesErrors ? output : FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: data)
    }

    /// Runs a program from PATH on a separate thread.
    package static func run(_ arguments: [String]) async throws -> Result {
        try await blocking { try result(arguments) }
    }

    /// Runs a program from PATH, which must succeed.
    package static func succeed(_ arguments: [String], in directory: String? = nil) throws {
        let result = try result(arguments, in: directory, includesErrors: true)
        if result.status != 0 { throw Failed(command: arguments.joined(separator: " "), output: result.text) }
    }

    /// Runs curl without this machine's configuration and proxy.
    package static func curl(_ arguments: String...) async throws -> Result {
        try await run(["curl", "-q", "--silent", "--noproxy", "*", "--max-time", "60"] + arguments)
    }
}

/// Runs a blocking closure on a separate thread.
package func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
