import FlashbackSimulator
import Foundation
import TestSupport
import TestTools

/// The program as it was built beside these tests, run once.
struct ExporterProcess: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a command against a simulation that serves on a port of the kernel's choice.
    /// - Parameters:
    ///   - token: nil gives one that the simulation takes.
    ///   - outputPath: the file that is its standard output; nil reads it.
    static func run(
        _ arguments: [String], against simulation: FlashbackSimulation, token: String? = nil, outputPath: String? = nil,
        wrappedBy wrapper: [String] = [],
        while meanwhile: @escaping @Sendable (_ process: pid_t) async throws -> Void = { _ in }
    ) async throws -> ExporterProcess {
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await run(
                // Time-outs that a machine that stalls for a while does not miss.
                arguments + ["--flashback.url", simulator.url, "--flashback.connect-timeout", "2m", "--flashback.timeout", "5m"],
                environment: ["FLASHBACK_TOKEN": token ?? simulation.issueTokens().accessToken], outputPath: outputPath,
                wrappedBy: wrapper, while: meanwhile)
        }
    }

    /// Runs a command with nothing in its environment but what is given and the options of sanitizers.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], outputPath: String? = nil, wrappedBy wrapper: [String] = [],
        while meanwhile: @escaping @Sendable (_ process: pid_t) async throws -> Void = { _ in }
    ) async throws -> ExporterProcess {
        try await run(
            "flashback-exporter", arguments, environment: environment, outputPath: outputPath, wrappedBy: wrapper,
            while: meanwhile)
    }

    /// Runs one of the programs beside these tests.
    /// - Parameters:
    ///   - standardOutput: takes its output instead of this value.
    ///   - wrapper: a program that runs the command, with its arguments.
    ///   - meanwhile: what happens while it runs.
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
