internal import ArgumentParser
internal import Measurement

/// Measures the parts that a refresh spends its time in, each by itself.
@main
struct MicroBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro-benchmark", abstract: "Measure rendering, escaping, decoding and the transport, each by itself.")

    @Option(help: "Directory of the program flashback-simulator.")
    var programs: String

    @Option(help: "Measured runs of each, after one that is not counted.")
    var runs = 5

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be at least 1") }
    }

    func run() async throws {
        print(Machine.report(programs: []))
        print("\n\(runs) runs each: median (minimum to maximum)\n")
        let stopwatch = Stopwatch(runs: runs)
        RenderingBenchmarks.run(stopwatch)
        let simulator = try Server(
            programs + "/flashback-simulator",
            [
                "--web.listen-address", "127.0.0.1:0", "--token", APIBenchmarks.token, "--buckets", "1000", "--latency", "0s",
                "--jitter", "0s",
            ], announcement: "Listening on ")
        defer { simulator.stop() }
        try await APIBenchmarks.run(stopwatch, api: simulator.address)
    }
}
