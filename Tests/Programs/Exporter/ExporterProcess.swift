import FlashbackSimulator
import Foundation
import TestSupport
import TestTools

/// One run of the program that was built with these tests.
struct ExporterProcess: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a command against a simulation that serves on a port chosen by the kernel.
    /// - Parameters:
    ///   - token: nil for a token that the simulation accepts.
    ///   - outputPath: the file for its standard output; nil to capture the output.
    static func run(
        _ arguments: [String], against simulation: FlashbackSimulation, token: String? = nil, outputPath: String? = nil,
        wrappedBy wrapper: [String] = [],
        while meanwhile: @escaping @Sendable (_ process: pid_t) async throws -> Void = { _ in }
    ) async throws -> ExporterProcess {
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await run(
                // Time-outs that are long enough for a stalling machine.
                arguments + ["--flashback.url", simulator.url, "--flashback.connect-timeout", "2m", "--flashback.timeout", "5m"],
                environment: ["FLASHBACK_TOKEN": token ?? simulation.issueTokens().accessToken], outputPath: outputPath,
                wrappedBy: wrapper, while: meanwhile)
        }
    }

    /// Runs a command with only the given environment and the options of sanitizers.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], outputPath: String? = nil, wrappedBy wrapper: [String] = [],
        while meanwhile: @escaping @Sendable (_ process: pid_t) async throws -> Void = { _ in }
    ) async throws -> ExporterProcess {
        try await run(
            "flashback-exporter", arguments, environment: environment, outputPath: outputPath, wrappedBy: wrapper,
            while: meanwhile)
    }

    /// Runs one of the programs that were built with these tests.
    /// - Parameters:
    ///   - standardOutput: receives its output instead of this value.
    ///   - wrapper: a program that runs the command, with its arguments.
    ///   - meanwhile: runs at the same time.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], outputPath: String? = nil,
        standardOutput: FileHandle? = nil, wrappedBy wrapper: [String] = [],
        while meanwhile: @escaping @Sendable (_ process: pid_t) async throws -> Void = { _ in }
    ) async throws -> ExporterProcess {
        try await Midnight.keepAway()
        return try await TemporaryDirectory.with { folder in
            let (output, errors) = (URL(filePath: folder.path("output")), URL(filePath: folder.path("errors")))
            for file in [output, errors] { try Data().write(to: file) }
            let process = Process()
            let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: program).path
            let command = wrapper + [path] + arguments
            process.executableURL = URL(filePath: command[0])
            process.arguments = Array(command.dropFirst())
            process.environment = sanitizerOptions.merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput =
                try standardOutput ?? FileHandle(forWritingTo: outputPath.map { URL(filePath: $0) } ?? output)
            process.standardError = try FileHandle(forWritingTo: errors)
            let (end, ended) = AsyncStream<Void>.makeStream()
            process.terminationHandler = { _ in ended.finish() }
            try process.run()
            try await meanwhile(process.processIdentifier)
            for await _ in end {}
            return ExporterProcess(
                status: process.terminationStatus, output: try folder.text(of: "output"), errors: try folder.text(of: "errors"))
        }
    }

    /// The lines of the standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
}
