internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Compares a scrape that finds everything cached with nginx sending the same bytes from a file.
///
/// Both are asked many times over one connection by the same curl. What counts is the server's processor time: an answer that is only
/// copied costs the exporter about what it costs nginx.
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

    @Option(help: "Answers in a run.")
    var answers = 50

    @Option(help: "Measured runs of each.")
    var runs = 5

    func validate() throws {
        guard buckets >= 1, nodes >= 1, answers >= 1, runs >= 1 else { throw ValidationError("the counts begin at 1") }
    }

    func run() throws {
        print(Machine.report(programs: ["curl", programs + "/flashback-exporter"]))
        print("account  \(buckets) buckets on \(nodes) nodes; \(runs) runs of \(answers) answers each, over one connection")
        let directory = FileManager.default.temporaryDirectory.appending(path: "cached-benchmark-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        let simulator = try Server(
            programs + "/flashback-simulator",
            ["--web.listen-address", "127.0.0.1:0", "--token", Self.token, "--buckets", "\(buckets)", "--nodes", "\(nodes)"],
            announcement: "Listening on ")
        defer { simulator.stop() }
        let exporter = try Server(
            programs + "/flashback-exporter",
            [
                "--flashback.url", simulator.address, "--flashback.concurrency", "64", "--cache.ttl", "1d", "--scrape.timeout",
                "10m",
                "--web.listen-address", "127.0.0.1:0",
            ], environment: ["FLASHBACK_TOKEN": Self.token], announcement: "address=", announcesOnStandardError: true)
        defer { exporter.stop() }
        let url = "http://\(exporter.address)/metrics"
        // The first waits for the refresh.
        _ = try Command(["curl", "--silent", "--fail", url]).run(standardOutput: "/dev/null")

        for kind in Kind.allCases {
            let file = directory.appending(path: kind.rawValue).path
            _ = try Command(["curl", "--silent", "--fail"] + kind.fields + [url]).run(standardOutput: file)
        }
        let nginx = try StaticServer(directory: directory.path)
        defer { nginx.stop() }
        for kind in Kind.allCases {
            try compare(kind, exporter, url, nginx, directory)
        }
        print("\nexporter's memory  \(exporter.peakMebibytes.rounded(to: 1)) MiB at its peak, load \(Machine.load) at the end")
    }

    /// It guards nothing.
    private static let token = "benchmark-token"

    /// The bodies that there are of one snapshot.
    private enum Kind: String, CaseIterable {
        case text
        case textGzip = "text-gzip"
        case openMetricsGzip = "openmetrics-gzip"

        var fields: [String] {
            let format = ["--header", "Accept: application/openmetrics-text;version=1.0.0"]
            let coding = ["--header", "Accept-Encoding: gzip"]
            return switch self {
            case .text: []
            case .textGzip: coding
            case .openMetricsGzip: format + coding
            }
        }
    }

    private func compare(_ kind: Kind, _ exporter: Server, _ url: String, _ nginx: StaticServer, _ directory: URL) throws {
        let file = directory.appending(path: kind.rawValue)
        let bytes = try Data(contentsOf: file).count
        let urls = { (url: String) in Array(repeating: ["--output", "/dev/null", url], count: answers).flatMap(\.self) }
        var walls = (exporter: [Double](), nginx: [Double]())
        var processors = (exporter: [Double](), nginx: [Double]())
        for _ in 0..<runs {
            var before = exporter.processorSeconds
            let scrapes = try Command(["curl", "--silent", "--fail"] + kind.fields + urls(url)).run(standardOutput: "/dev/null")
            walls.exporter.append(scrapes.wall / Double(answers) * 1000)
            processors.exporter.append((exporter.processorSeconds - before) / Double(answers) * 1000)
            before = nginx.processorSeconds
            let files = try Command(["curl", "--silent", "--fail"] + urls("http://\(nginx.address)/\(kind.rawValue)"))
                .run(standardOutput: "/dev/null")
            walls.nginx.append(files.wall / Double(answers) * 1000)
            processors.nginx.append((nginx.processorSeconds - before) / Double(answers) * 1000)
        }
        print(
            """

            \(kind.rawValue), \(bytes) bytes: milliseconds an answer, median (minimum to maximum)
            exporter's CPU     \(Spread(processors.exporter))
            nginx's CPU        \(Spread(processors.nginx))
            exporter, wall     \(Spread(walls.exporter))
            nginx, wall        \(Spread(walls.nginx))
            """)
    }
}
