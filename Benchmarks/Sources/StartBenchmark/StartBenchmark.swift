internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Measures how long the exporter takes from its start to the first answer.
@main
struct StartBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start-benchmark", abstract: "Measure the time from the exporter's start to its first answer.")

    @Option(help: "Directory of the program flashback-exporter.")
    var programs: String

    @Option(help: "What is asked for.")
    var path = "/-/healthy"

    @Option(help: "Measured runs, after one that is not counted.")
    var runs = 20

    @Option(help: "What the program is called in the table.")
    var label = "runtime linked dynamically"

    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be at least 1") }
    }

    func run() throws {
        print(Machine.report(programs: [programs + "/flashback-exporter"]))
        var times: [Double] = []
        for run in 0...runs {
            let time = try start()
            if run > 0 { times.append(time) }
        }
        let spread = Spread(times)
        print("\nstart to the first answer on \(path), \(runs) runs: \(spread) ms\nload     \(Machine.load) at the end")
        try rows.append("start to first answer on `\(path)`, \(label)", "\(spread) ms")
    }

    /// - Returns: milliseconds from before the process is made until the answer is there.
    private func start() throws -> Double {
        let port = try FreePort.find()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: programs + "/flashback-exporter")
        // The API is asked by the first scrape and not before, so that there need be none.
        process.arguments = ["--flashback.url", "http://127.0.0.1:1", "--web.listen-address", "127.0.0.1:\(port)"]
        process.environment = ProcessInfo.processInfo.environment.merging(["FLASHBACK_TOKEN": Upstream.token]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        while true {
            if let connection = Connection(port: port) {
                _ = try connection.get(path)
                return start.duration(to: .now).inSeconds * 1000
            }
            guard process.isRunning else { throw BenchmarkError("flashback-exporter ended before it answered") }
            usleep(200)
        }
    }
}
