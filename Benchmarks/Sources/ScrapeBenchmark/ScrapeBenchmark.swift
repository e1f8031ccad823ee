internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Compares a scrape that finds nothing cached with the fastest way to make the same requests from a shell: `curl --parallel`.
///
/// Both ask the same simulator in turns. Each is measured as a whole command, curl's own start included; the scrape's includes that
/// the answers are decoded, kept and rendered.
@main
struct ScrapeBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrape-benchmark", abstract: "Compare an uncached scrape with curl --parallel over the same requests.")

    @Option(help: "Directory of the programs flashback-exporter and flashback-simulator.")
    var programs: String

    @Option(help: "Buckets of the simulated account.")
    var buckets = 1000

    @Option(help: "Bridge nodes of each bucket.")
    var nodes = 3

    @Option(help: "How long the simulated API takes for an answer.")
    var latency = "20ms"

    @Option(help: "Requests at once, of either.")
    var concurrency = 64

    @Option(help: "Measured runs of each, after one that is not counted.")
    var runs = 5

    func validate() throws {
        guard buckets >= 1, nodes >= 1, concurrency >= 1, runs >= 1 else { throw ValidationError("the counts begin at 1") }
    }

    func run() throws {
        print(Machine.report(programs: ["curl", programs + "/flashback-exporter"]))
        print("account  \(buckets) buckets on \(nodes) nodes, latency \(latency), \(concurrency) requests at once")
        let directory = FileManager.default.temporaryDirectory.appending(path: "scrape-benchmark-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        let simulator = try Server(
            programs + "/flashback-simulator",
            [
                "--web.listen-address", "127.0.0.1:0", "--token", Self.token, "--buckets", "\(buckets)", "--nodes", "\(nodes)",
                "--latency", latency, "--jitter", "0s",
            ], announcement: "Listening on ")
        defer { simulator.stop() }
        let exporter = try Server(
            programs + "/flashback-exporter",
            [
                "--flashback.url", simulator.address, "--flashback.concurrency", "\(concurrency)", "--cache.ttl", "0s",
                // What curl asks for is today's statistics only.
                "--no-collector.yesterday",
                "--scrape.timeout", "10m", "--web.listen-address", "127.0.0.1:0",
            ], environment: ["FLASHBACK_TOKEN": Self.token], announcement: "address=", announcesOnStandardError: true)
        defer { exporter.stop() }

        let scrape = Scrape(url: "http://\(exporter.address)/metrics", output: directory.path + "/metrics")
        let requests = ParallelRequests(
            api: simulator.address, token: Self.token, concurrency: concurrency, directory: directory.path)
        try requests.prepare()
        try compare(scrape, requests, exporter, simulator)
    }

    /// It guards nothing.
    private static let token = "benchmark-token"

    private func compare(_ scrape: Scrape, _ requests: ParallelRequests, _ exporter: Server, _ simulator: Server) throws {
        // The refresh of the start, and then the connections of both, are not measured.
        _ = try scrape.run(expectingRequests: nil)
        _ = try scrape.run(expectingRequests: requests.count)
        _ = try requests.run()
        var scrapes: [Double] = []
        var exporterSeconds: [Double] = []
        var curls: [Command.Cost] = []
        let simulatorStart = simulator.processorSeconds
        for _ in 0..<runs {
            let before = exporter.processorSeconds
            scrapes.append(try scrape.run(expectingRequests: requests.count).wall)
            exporterSeconds.append(exporter.processorSeconds - before)
            curls.append(try requests.run())
        }
        let simulatorSeconds = (simulator.processorSeconds - simulatorStart) / Double(2 * runs)
        let scrapeWall = Spread(scrapes)
        let curlWall = Spread(curls.map(\.wall))
        let ratio = Spread(zip(scrapes, curls).map { $0 / $1.wall })
        print(
            """

            \(requests.count) requests, \(scrape.series) series, \(runs) runs each: median (minimum to maximum)

            scrape, uncached    \(scrapeWall) s
            curl --parallel     \(curlWall) s
            ratio, run by run   \(ratio), the goal is at most 1.15
            exporter's CPU      \(Spread(exporterSeconds)) s a scrape
            curl's CPU          \(Spread(curls.map(\.processor))) s
            simulator's CPU     \(simulatorSeconds.rounded(to: 3)) s a run on average, on the same machine
            exporter's memory   \(exporter.peakMebibytes.rounded(to: 1)) MiB at its peak
            load                \(Machine.load) at the end
            """)
    }
}
