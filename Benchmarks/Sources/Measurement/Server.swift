internal import Foundation

/// A program that serves until it is stopped.
public final class Server {
    private let process = Process()
    private let name: String

    /// Starts the program and waits until it says where it listens.
    /// - Parameters:
    ///   - announcement: what stands before the address in the line that tells it; the address ends at a white space.
    ///   - announcesOnStandardError: whether that line goes to the standard error stream.
    /// - Throws: ``BenchmarkError`` when the program ends without having said so.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], announcement: String,
        announcesOnStandardError: Bool = false
    ) throws {
        name = program
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        if announcesOnStandardError {
            process.standardOutput = FileHandle.nullDevice
            process.standardError = pipe
        } else {
            process.standardOutput = pipe
        }
        do {
            try process.run()
        } catch {
            throw BenchmarkError("cannot start \(program); build it first with Benchmarks/run.sh")
        }
        var said = ""
        while true {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw BenchmarkError("\(program) ended: \(said)") }
            said += String(decoding: data, as: UTF8.self)
            if let mark = said.range(of: announcement), let end = said[mark.upperBound...].firstIndex(where: \.isWhitespace) {
                address = String(said[mark.upperBound..<end])
                break
            }
        }
        // What else it says is taken from it, so that it never waits for a reader.
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    /// Starts a program with a command of the shell and waits until somebody listens where it should.
    /// - Parameters:
    ///   - command: one command: the shell gives itself up for it, so that the program can be measured and stopped.
    ///   - url: where it listens, on 127.0.0.1.
    /// - Throws: ``BenchmarkError`` when the program ends, or listens after half a minute not yet.
    public init(shell command: String, environment: [String: String], listeningAt url: String) throws {
        name = command
        address = url
        let port = try Connection.port(of: url)
        guard Connection(port: port) == nil else { throw BenchmarkError("somebody listens at \(url) before it is started") }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec " + command]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let start = ContinuousClock.now
        while Connection(port: port) == nil {
            guard process.isRunning else { throw BenchmarkError("\(command) ended before it listened") }
            guard start.duration(to: .now) < .seconds(30) else {
                process.terminate()
                throw BenchmarkError("\(command) does not listen at \(url)")
            }
            usleep(10_000)
        }
    }

    /// Where it listens.
    public let address: String

    /// Asks the program to end and waits for it.
    public func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// User and system seconds so far, all threads together.
    public var processorSeconds: Double {
        let statistics = Self.text(of: "/proc/\(process.processIdentifier)/stat")
        // The fields after the name, which is the second and ends with the last parenthesis: 14 and 15 are the times (proc(5)).
        let fields = statistics.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The most memory that was ever resident, in MiB.
    public var peakMebibytes: Double { mebibytes("VmHWM:") }

    /// The memory that is resident now, in MiB.
    public var residentMebibytes: Double { mebibytes("VmRSS:") }

    private func mebibytes(_ field: String) -> Double {
        let line = Self.text(of: "/proc/\(process.processIdentifier)/status")
            .split(separator: "\n").first { $0.hasPrefix(field) }
        guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) }) else {
            return .nan
        }
        return kibibytes / 1024
    }

    private static func text(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
