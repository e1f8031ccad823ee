import FlashbackSimulator
import Foundation
import TestSupport
import Testing

@Suite struct StandardOutputTests {
    /// All commands that write to standard output and end, without an account.
    static let commands = [
        ["--help"], ["--version"], ["help", "collect"], ["--generate-completion-script", "bash"], ["--experimental-dump-help"],
        ["metrics-reference"], ["metrics-reference", "--json"], ["configuration-reference"],
        ["configuration-reference", "--template"], ["--config.check"],
        // Serves until it is stopped, unless it cannot print its address.
        ["demo", "--buckets", "1", "--web.listen-address", "127.0.0.1:0", "--log.level", "error"],
    ]

    private static let environment = ["FLASHBACK_TOKEN": "token"]

    @Test(arguments: commands)
    func fullDiskIsOneLineWithStatus1(_ command: [String]) async throws {
        let process = try await ExporterProcess.run(command, environment: Self.environment, outputPath: "/dev/full")
        #expect(process.status == 1)
        #expect(
            process.errors == "flashback-exporter: error: cannot write to the standard output: No space left on device\n")
    }

    @Test(arguments: commands)
    func closedPipeIsStatus1WithoutAMessage(_ command: [String]) async throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let process = try await ExporterProcess.run(
            "flashback-exporter", command, environment: Self.environment, standardOutput: pipe.fileHandleForWriting)
        #expect(process.status == 1)
        #expect(process.errors == "")
    }

    @Test(arguments: ["collect", "check"])
    func lostAccountOutputIsReported(_ command: String) async throws {
        let process = try await ExporterProcess.run([command], against: FlashbackSimulation(), outputPath: "/dev/full")
        #expect(process.status == 1)
        #expect(process.errors.hasSuffix("error: cannot write to the standard output: No space left on device\n"))
    }

    @Test func simulatorEndsWhenItCannotPrintItsAddress() async throws {
        let process = try await ExporterProcess.run(
            "flashback-simulator", ["--web.listen-address", "127.0.0.1:0"], outputPath: "/dev/full")
        #expect(process.status == 1)
        #expect(
            process.errors.hasSuffix(
                "flashback-simulator: error: cannot write to the standard output: No space left on device\n"))
    }

    @Test func nonBlockingPipeGetsEverything() async throws {
        let whole = try await ExporterProcess.run(["configuration-reference"]).output
        let pipe = Pipe()
        let (reader, writer) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
        _ = fcntl(writer.fileDescriptor, Pipe.setSize, 4096)
        _ = fcntl(writer.fileDescriptor, F_SETFL, fcntl(writer.fileDescriptor, F_GETFL) | O_NONBLOCK)
        async let read = Self.readToEnd(reader)
        let process = try await ExporterProcess.run(
            "flashback-exporter", ["configuration-reference"], standardOutput: writer)
        try writer.close()
        #expect(process.status == 0)
        #expect(await String(decoding: read, as: UTF8.self) == whole)
    }

    /// Reads on a separate thread, because reading blocks.
    private static func readToEnd(_ file: FileHandle) async -> Data {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: (try? file.readToEnd()) ?? Data()) }
        }
    }
}

extension Pipe {
    /// Linux' `F_SETPIPE_SZ`, which Swift does not import.
    static let setSize: Int32 = 1031
}
