internal import ArgumentParser
internal import Foundation
internal import Measurement

/// Counts the connections over which refreshes ask an API that speaks HTTP/2 under TLS.
///
/// nginx stands before the simulator and writes down the connection of every request.
@main
struct ConnectionBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection-benchmark", abstract: "Count the connections of a refresh over TLS with HTTP/2.")

    @Option(help: "Directory of the programs flashback-exporter and flashback-simulator.")
    var programs: String

    @Option(help: "Buckets of the simulated account.")
    var buckets = 1000

    @Option(help: "Requests at once.")
    var concurrency = 64

    @Option(help: "Refreshes.")
    var refreshes = 5

    @OptionGroup var upstreamOptions: UpstreamOptions
    @OptionGroup var rows: RowOptions

    func validate() throws {
        guard buckets >= 1, concurrency >= 1, refreshes >= 1 else { throw ValidationError("the counts begin at 1") }
    }

    func run() throws {
        print(Machine.report(programs: ["curl", programs + "/flashback-exporter"]))
        let directory = FileManager.default.temporaryDirectory.appending(path: "connection-benchmark-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let upstream = try Upstream(upstreamOptions, programs: programs, buckets: buckets, nodes: 3, latency: "0s")
        defer { upstream.stop() }
        let nginx = try server(before: upstream, directory)
        defer { nginx.stop() }
        let exporter = try Server.exporter(
            programs: programs, upstream, at: "https://\(nginx.address)",
            [
                "--flashback.ca-file", directory + "/certificate.pem", "--flashback.concurrency", "\(concurrency)", "--cache.ttl",
                "0s",
            ])
        defer { exporter.stop() }
        let scrape = Scrape(url: "http://\(exporter.address)/metrics", output: directory + "/metrics")
        var times: [Double] = []
        for _ in 0..<refreshes { times.append(try scrape.run().wall) }
        exporter.stop()
        nginx.stop()

        let requests = try String(contentsOfFile: directory + "/access.log", encoding: .utf8).split(separator: "\n")
        let connections = Set(requests.map { $0.prefix { $0 != " " } })
        let protocols = Set(requests.compactMap { $0.split(separator: " ").last }).sorted().joined(separator: ", ")
        let told =
            "\(connections.count) \(connections.count == 1 ? "connection" : "connections") for \(requests.count) requests in "
            + "\(refreshes) refreshes, over \(protocols)"
        print("\n\(told); a refresh took \(Spread(times)) s\nload     \(Machine.load) at the end")
        try rows.append("connections over TLS, \(buckets) buckets, \(concurrency) requests at once", told)
    }

    /// nginx with a certificate of its own.
    private func server(before upstream: Upstream, _ directory: String) throws -> WebServer {
        let certificate = directory + "/certificate.pem"
        let key = directory + "/key.pem"
        _ = try Command([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key,
        ]).run(standardOutput: "/dev/null")
        guard let port = URL(string: upstream.address)?.port else { throw BenchmarkError("\(upstream.address) has no port") }
        return try WebServer(
            directory: directory, listening: "ssl http2",
            site: """
                ssl_certificate \(certificate); ssl_certificate_key \(key);
                location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
                """,
            before: """
                log_format connections '$connection $server_protocol'; access_log \(directory)/access.log connections;
                upstream api { server 127.0.0.1:\(port); keepalive 128; keepalive_requests 1000000; }
                """)
    }
}
