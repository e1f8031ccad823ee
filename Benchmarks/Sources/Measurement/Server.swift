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

    /// Where it listens, as it said itself.
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
    public var peakMebibytes: Double {
        let line = Self.text(of: "/proc/\(process.processIdentifier)/status")
            .split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) }) else {
            return .nan
        }
        return kibibytes / 1024
    }

    private static func text(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
