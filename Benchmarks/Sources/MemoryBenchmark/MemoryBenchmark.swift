internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Measures how much memory the exporter needs, whether it needs more with every refresh, and how both memory and time grow with
/// the number of buckets.
@main
struct MemoryBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory-benchmark", abstract: "Measure the exporter's memory over many refreshes.")

    @Option(help: "Directory of the programs flashback-exporter and flashback-simulator.")
    var programs: String

    @Option(help: "Buckets of the simulated account; several are measured one after the other and compared with the first.")
    var buckets = [10_000]

    @Option(help: "Bridge nodes of each bucket.")
    var nodes = 3

    @Option(help: "Requests at once.")
    var concurrency = 64

    @Option(help: "Refreshes after which the peak is told for the first time.")
    var refreshes = 10

    @Option(help: "More refreshes, after which it is told again.")
    var furtherRefreshes = 20

    @Flag(help: "Read today's statistics only, which are two requests a bucket instead of three.")
    var withoutYesterday = false

    @Flag(name: .customLong("plain"), help: "Scrape without gzip, as Prometheus never does.")
    var isPlain = false

    @OptionGroup var upstreamOptions: UpstreamOptions
    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard !buckets.isEmpty, buckets.allSatisfy({ $0 >= 1 }), nodes >= 1, concurrency >= 1, refreshes >= 1,
            furtherRefreshes >= 0
        else { throw ValidationError("the counts begin at 1") }
    }

    func run() throws {
        print(Machine.report(programs: [programs + "/flashback-exporter"]))
        print(
            "account  buckets on \(nodes) nodes, no latency, \(concurrency) requests at once, served by \(upstreamOptions.name)")
        var first: Growth?
        for count in buckets {
            let growth = try measure(count)
            let times = Spread(growth.walls)
            let memory =
                "peak \(growth.peak.rounded(to: 1)) MiB after \(refreshes) refreshes, "
                + "\(growth.finalPeak.rounded(to: 1)) MiB after \(refreshes + furtherRefreshes)"
            print(
                "\n\(count) buckets, \(growth.series) series\nrefresh  \(times) s\nmemory   \(memory), resident \(growth.resident)"
            )
            let collectors = withoutYesterday ? "without `yesterday`" : "all collectors"
            let work = "memory, \(count) buckets, \(collectors), \(isPlain ? "plain" : "gzip")"
            try rows.append(work, "\(memory); refresh \(times) s")
            guard let first else {
                first = growth
                continue
            }
            try compare(growth, with: first)
        }
        print("\nload     \(Machine.load) at the end")
    }

    /// What the refreshes of one account took.
    private struct Growth {
        let buckets: Int
        var series = 0
        var walls: [Double] = []
        var peak = 0.0
        var finalPeak = 0.0
        var resident = ""
    }

    private func measure(_ count: Int) throws -> Growth {
        let output = FileManager.default.temporaryDirectory.appending(path: "memory-benchmark-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        let upstream = try Upstream(upstreamOptions, programs: programs, buckets: count, nodes: nodes, latency: "0s")
        defer { upstream.stop() }
        let exporter = try Server.exporter(
            programs: programs, upstream,
            ["--flashback.concurrency", "\(concurrency)", "--cache.ttl", "0s", "--cache.max-stale", "1h"]
                + (withoutYesterday ? ["--no-collector.yesterday"] : []))
        defer { exporter.stop() }
        let scrape = Scrape(url: "http://\(exporter.address)/metrics", output: output, isCompressed: !isPlain)
        var growth = Growth(buckets: count)
        var walls: [Double] = []
        for refresh in 1...(refreshes + furtherRefreshes) {
            walls.append(try scrape.run().wall)
            if refresh == refreshes { growth.peak = exporter.peakMebibytes }
        }
        growth.series = scrape.series
        growth.walls = walls
        growth.finalPeak = exporter.peakMebibytes
        growth.resident = "\(exporter.residentMebibytes.rounded(to: 1)) MiB at the end"
        return growth
    }

    private func compare(_ growth: Growth, with first: Growth) throws {
        let time = (Spread(growth.walls).median / Spread(first.walls).median).rounded(to: 2)
        let memory = (growth.finalPeak / first.finalPeak).rounded(to: 2)
        print("ratio    time \(time), memory \(memory), to \(first.buckets) buckets")
        try rows.append(
            "\(growth.buckets) buckets", "see above", reference: "\(first.buckets) buckets",
            ratio: "time \(time), memory \(memory)")
    }
}
