internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Measures whether a refresh delays the scrapes that are answered meanwhile from what is cached.
///
/// One exporter has nothing to refresh, another refreshes in the background nearly without a pause. Both are asked over one
/// connection, as Prometheus asks: with gzip, and never again before the last answer has come.
@main
struct DelayBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delay-benchmark", abstract: "Compare cached scrapes during a refresh with cached scrapes at rest.")

    @Option(help: "Directory of the programs flashback-exporter and flashback-simulator.")
    var programs: String

    @Option(help: "Buckets of the simulated account.")
    var buckets = 10_000

    @Option(help: "Bridge nodes of each bucket.")
    var nodes = 3

    @Option(help: "How long the simulated API takes for an answer.")
    var latency = "20ms"

    @Option(help: "Requests to the API at once.")
    var concurrency = 64

    @Option(help: "Scrapes in a run.")
    var scrapes = 500

    @Option(help: "Milliseconds between an answer and the next scrape.")
    var pause = 10

    @Option(help: "Measured runs of each.")
    var runs = 5

    @OptionGroup var upstreamOptions: UpstreamOptions
    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard buckets >= 1, nodes >= 1, concurrency >= 1, scrapes >= 1, pause >= 0, runs >= 1 else {
            throw ValidationError("the counts begin at 1")
        }
    }

    func run() throws {
        print(Machine.report(programs: [programs + "/flashback-exporter"]))
        print(
            "account  \(buckets) buckets on \(nodes) nodes, latency \(latency), served by \(upstreamOptions.name); "
                + "\(runs) runs of \(scrapes) scrapes with gzip, \(pause) ms apart")
        let output = FileManager.default.temporaryDirectory.appending(path: "delay-benchmark-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        let upstream = try Upstream(upstreamOptions, programs: programs, buckets: buckets, nodes: nodes, latency: latency)
        defer { upstream.stop() }
        var resting: [Double] = []
        var refreshing: [Double] = []
        var requests = 0.0
        for _ in 0..<runs {
            // One after the other, since the refreshes of the second would be felt by the first.
            resting.append(try measure(upstream, ["--cache.ttl", "1d"], output).percentile)
            let during = try measure(upstream, ["--cache.ttl", "1s", "--collect.mode", "background"], output)
            refreshing.append(during.percentile)
            requests += during.requests
        }
        guard requests > 0 else { throw BenchmarkError("nothing was refreshed meanwhile") }
        let ratio = Spread(zip(refreshing, resting).map { $0 / $1 })
        print(
            """

            99th percentile of a cached scrape, median of the runs (minimum to maximum)
            at rest             \(Spread(resting)) ms
            during a refresh    \(Spread(refreshing)) ms, \(Int(requests)) requests to the API meanwhile
            ratio, run by run   \(ratio)
            load                \(Machine.load) at the end
            """)
        try rows.append(
            "99th percentile of cached scrapes (gzip) during a refresh, \(buckets) buckets, latency \(latency)",
            "\(Spread(refreshing)) ms", reference: "at rest: \(Spread(resting)) ms", ratio: "\(ratio)")
    }

    /// - Returns: the 99th percentile in milliseconds, and how many requests were made to the API meanwhile.
    private func measure(
        _ upstream: Upstream, _ options: [String], _ output: String
    ) throws -> (percentile: Double, requests: Double) {
        let exporter = try Server.exporter(
            programs: programs, upstream,
            options + ["--flashback.concurrency", "\(concurrency)", "--no-collector.yesterday"])
        defer { exporter.stop() }
        let scrape = Scrape(url: "http://\(exporter.address)/metrics", output: output)
        // In the background, the first refresh may not be through when the first scrape is answered.
        while scrape.requests < Double(2 * buckets) { try scrape.run() }
        guard let connection = Connection(port: try Connection.port(of: exporter.address)) else {
            throw BenchmarkError("the exporter does not listen any more")
        }
        let before = scrape.requests
        var times: [Double] = []
        for _ in 0..<scrapes {
            times.append(try connection.get("/metrics", headers: "Accept-Encoding: gzip\r\n") * 1000)
            usleep(UInt32(pause) * 1000)
        }
        try scrape.run()
        return (Spread.percentile(0.99, of: times), scrape.requests - before)
    }
}
