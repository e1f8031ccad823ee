import Basics
import Foundation

/// A program that runs to its end.
enum Command {
    struct Result: Sendable {
        let status: Int32
        let output: Data

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    struct Failed: Error {
        let command: String
        let output: String
    }

    /// Runs a program of the path. What it writes to its error stream is left out.
    static func run(_ arguments: [String]) async throws -> Result {
        try await blocking {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Result(status: process.terminationStatus, output: data)
        }
    }

    /// Runs curl with no configuration and no proxy of this machine's.
    static func curl(_ arguments: String...) async throws -> Result {
        try await run(["curl", "-q", "--silent", "--noproxy", "*", "--max-time", "60"] + arguments)
    }
}

/// A directory that goes away with this value.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "http-listener-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }
}
