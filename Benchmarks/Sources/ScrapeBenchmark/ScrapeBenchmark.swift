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

    @Flag(help: "Scrape without gzip, as Prometheus never does.")
    var plain = false

    @OptionGroup var upstreamOptions: UpstreamOptions
    @OptionGroup var peerOptions: PeerOptions
    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard buckets >= 1, nodes >= 1, concurrency >= 1, runs >= 1 else { throw ValidationError("the counts begin at 1") }
    }

    func run() throws {
        print(Machine.report(programs: ["curl", programs + "/flashback-exporter"]))
        print(
            "account  \(buckets) buckets on \(nodes) nodes, latency \(latency), \(concurrency) requests at once, "
                + "served by \(upstreamOptions.name)")
        // In memory where there is such a directory: a disk that takes 80 MB would be measured too.
        let parent =
            FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? URL(filePath: "/dev/shm") : FileManager.default.temporaryDirectory
        let directory = parent.appending(path: "scrape-benchmark-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        let upstream = try Upstream(upstreamOptions, programs: programs, buckets: buckets, nodes: nodes, latency: latency)
        defer { upstream.stop() }
        let exporter = try Server.exporter(
            programs: programs, upstream,
            // What curl asks for is today's statistics only.
            ["--flashback.concurrency", "\(concurrency)", "--cache.ttl", "0s", "--no-collector.yesterday"])
        defer { exporter.stop() }
        let peer = try peerOptions.start(api: upstream.address)
        defer { peer?.stop() }

        let scrape = Scrape(
            url: "http://\(exporter.address)/metrics", output: directory.path + "/metrics", isCompressed: !plain)
        let requests = ParallelRequests(
            api: upstream.address, token: Upstream.token, concurrency: concurrency, directory: directory.path,
            asksAvailable: upstream.servesAvailable)
        try requests.prepare()
        // The refresh of the start, and then the connections of all, are not measured.
        try scrape.run()
        try scrape.run(expectingRequests: requests.count)
        _ = try requests.run()
        let peerOutput = directory.path + "/peer"
        if let peer { _ = try ask(peer, output: peerOutput) }
        var results = Results()
        let upstreamStart = upstream.processorSeconds
        for _ in 0..<runs {
            let before = exporter.processorSeconds
            results.exporter.append(try scrape.run(expectingRequests: requests.count).wall)
            results.exporterProcessor.append(exporter.processorSeconds - before)
            results.curl.append(try requests.run())
            guard let peer else { continue }
            let peerBefore = peer.server?.processorSeconds
            results.peer.append(try ask(peer, output: peerOutput))
            if let peerBefore, let server = peer.server { results.peerProcessor.append(server.processorSeconds - peerBefore) }
        }
        let upstreamSeconds = (upstream.processorSeconds - upstreamStart) / Double((peer == nil ? 2 : 3) * runs)
        print("\n\(requests.count) requests, \(scrape.series) series, \(runs) runs each: median (minimum to maximum)\n")
        try report(results, exporter, peer)
        print("API's CPU           \(upstreamSeconds.rounded(to: 3)) s a run on average, on the same machine")
        print("load                \(Machine.load) at the end")
    }

    /// What the runs took, in seconds.
    private struct Results {
        var exporter: [Double] = []
        var exporterProcessor: [Double] = []
        var curl: [Command.Cost] = []
        var peer: [Double] = []
        var peerProcessor: [Double] = []
    }

    private func ask(_ peer: Peer, output: String) throws -> Double {
        try Scrape.command(peer.url, isCompressed: !plain).run(standardOutput: output).wall
    }

    private func report(_ results: Results, _ exporter: Server, _ peer: Peer?) throws {
        let wall = Spread(results.exporter)
        let processor = Spread(results.exporterProcessor)
        let curl = Spread(results.curl.map(\.wall))
        let ratio = Spread(zip(results.exporter, results.curl).map { $0 / $1.wall })
        print(
            """
            scrape, uncached    \(wall) s
            curl --parallel     \(curl) s
            ratio, run by run   \(ratio)
            exporter's CPU      \(processor) s a scrape
            curl's CPU          \(Spread(results.curl.map(\.processor))) s
            exporter's memory   \(exporter.peakMebibytes.rounded(to: 1)) MiB at its peak
            """)
        let work = "uncached scrape, \(buckets) buckets, latency \(latency)\(plain ? ", plain" : "")"
        let memory = { (server: Server) in "peak \(server.peakMebibytes.rounded(to: 0)) MiB" }
        try rows.append(
            work, "\(wall) s, CPU \(processor) s, \(memory(exporter))", reference: "`curl --parallel`: \(curl) s",
            ratio: "\(ratio)")
        guard !results.peer.isEmpty else { return }
        let peerWall = Spread(results.peer)
        let peerRatio = Spread(zip(results.exporter, results.peer).map { $0 / $1 })
        print("peer                \(peerWall) s, scrape to peer \(peerRatio)")
        var told = "peer: \(peerWall) s"
        if let server = peer?.server {
            let peerProcessor = Spread(results.peerProcessor)
            print("peer's CPU          \(peerProcessor) s a scrape, \(memory(server))")
            told += ", CPU \(peerProcessor) s, \(memory(server))"
        }
        try rows.append(work, "as above", reference: told, ratio: "\(peerRatio)")
    }
}
