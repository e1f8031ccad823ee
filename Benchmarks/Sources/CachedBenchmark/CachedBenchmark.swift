internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Compares a scrape that finds everything cached with nginx sending the same bytes from a file.
///
/// Both are asked many times over one connection by the same program. An answer that is only copied costs the exporter about what it
/// costs nginx.
@main
struct CachedBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cached-benchmark", abstract: "Compare a cached scrape with nginx sending the same bytes from a file.")

    @Option(help: "Directory of the programs flashback-exporter and flashback-simulator.")
    var programs: String

    @Option(help: "Buckets of the simulated account.")
    var buckets = 10_000

    @Option(help: "Bridge nodes of each bucket.")
    var nodes = 3

    @Option(help: "Seconds of a run with wrk, when that is installed.")
    var seconds = 5

    @Option(help: "Answers in a run with curl, which is used otherwise.")
    var answers = 50

    @Option(help: "Measured runs of each.")
    var runs = 5

    @OptionGroup var upstreamOptions: UpstreamOptions
    @OptionGroup var peerOptions: PeerOptions
    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard buckets >= 1, nodes >= 1, seconds >= 1, answers >= 1, runs >= 1 else {
            throw ValidationError("the counts begin at 1")
        }
    }

    func run() throws {
        print(Machine.report(programs: ["curl", programs + "/flashback-exporter"]))
        print(
            "account  \(buckets) buckets on \(nodes) nodes, served by \(upstreamOptions.name); \(runs) runs with "
                + "\(client == .wrk ? "wrk of \(seconds) seconds" : "curl of \(answers) answers") each, over one connection")
        let directory = FileManager.default.temporaryDirectory.appending(path: "cached-benchmark-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        let upstream = try Upstream(upstreamOptions, programs: programs, buckets: buckets, nodes: nodes, latency: "0s")
        defer { upstream.stop() }
        let exporter = try Server.exporter(
            programs: programs, upstream,
            // The day's statistics alone: what is compared are equal bytes, however many there are.
            ["--flashback.concurrency", "64", "--cache.ttl", "1d", "--no-collector.yesterday"])
        defer { exporter.stop() }
        let peer = try peerOptions.start(api: upstream.address)
        defer { peer?.stop() }
        let url = "http://\(exporter.address)/metrics"
        // The first waits for the refresh.
        try Scrape(url: url, output: directory.path + "/first").run()

        for kind in Kind.allCases {
            let file = directory.appending(path: kind.rawValue).path
            let fields = kind.headers.flatMap { ["--header", $0] }
            _ = try Command(["curl", "--silent", "--fail"] + fields + [url]).run(standardOutput: file)
        }
        let nginx = try WebServer(directory: directory.path)
        defer { nginx.stop() }
        for kind in Kind.allCases {
            try compare(kind, exporter, url, nginx, peer, directory)
        }
        print("\nexporter's memory  \(exporter.peakMebibytes.rounded(to: 1)) MiB at its peak, load \(Machine.load) at the end")
    }

    private var client: Client { .best }

    /// The bodies that there are of one snapshot.
    private enum Kind: String, CaseIterable {
        case text
        case textGzip = "text-gzip"
        case openMetricsGzip = "openmetrics-gzip"

        var headers: [String] {
            let format = ["Accept: application/openmetrics-text;version=1.0.0"]
            let coding = ["Accept-Encoding: gzip"]
            return switch self {
            case .text: []
            case .textGzip: coding
            case .openMetricsGzip: format + coding
            }
        }
    }

    private func compare(
        _ kind: Kind, _ exporter: Server, _ url: String, _ nginx: WebServer, _ peer: Peer?, _ directory: URL
    ) throws {
        let bytes = try Data(contentsOf: directory.appending(path: kind.rawValue)).count
        let output = directory.path + "/said"
        let ask = { (url: String, headers: [String]) in
            try client.ask(url, headers: headers, seconds: seconds, answers: answers, output: output)
        }
        var walls = (exporter: [Double](), nginx: [Double](), peer: [Double]())
        var processors = (exporter: [Double](), nginx: [Double]())
        for _ in 0..<runs {
            var before = exporter.processorSeconds
            let scrapes = try ask(url, kind.headers)
            walls.exporter.append(scrapes.milliseconds)
            processors.exporter.append((exporter.processorSeconds - before) / Double(scrapes.answers) * 1000)
            before = nginx.processorSeconds
            let files = try ask("http://\(nginx.address)/\(kind.rawValue)", [])
            walls.nginx.append(files.milliseconds)
            processors.nginx.append((nginx.processorSeconds - before) / Double(files.answers) * 1000)
            if let peer { walls.peer.append(try ask(peer.url, kind.headers).milliseconds) }
        }
        let ratio = Spread(zip(walls.exporter, walls.nginx).map { $0 / $1 })
        print(
            """

            \(kind.rawValue), \(bytes) bytes: milliseconds an answer, median (minimum to maximum)
            exporter, wall     \(Spread(walls.exporter))
            nginx, wall        \(Spread(walls.nginx))
            ratio, run by run  \(ratio)
            exporter's CPU     \(Spread(processors.exporter))
            nginx's CPU        \(Spread(processors.nginx))
            """)
        let work = "cached scrape, \(buckets) buckets, \(kind.rawValue), \((Double(bytes) / 1e6).rounded(to: 1)) MB"
        try rows.append(
            work, "\(Spread(walls.exporter)) ms, CPU \(Spread(processors.exporter).median.rounded(to: 2)) ms",
            reference: "nginx: \(Spread(walls.nginx)) ms, CPU \(Spread(processors.nginx).median.rounded(to: 2)) ms",
            ratio: "\(ratio)")
        guard !walls.peer.isEmpty else { return }
        let peerRatio = Spread(zip(walls.exporter, walls.peer).map { $0 / $1 })
        print("peer, wall         \(Spread(walls.peer)), exporter to peer \(peerRatio)")
        try rows.append(work, "as above", reference: "peer: \(Spread(walls.peer)) ms", ratio: "\(peerRatio)")
    }
}
