import FlashbackSimulator
import Foundation
import TestTools
import Testing

/// How other parsers read the formats, and gzip assembled from segments.
@Suite(.timeLimit(.minutes(10))) struct ExpositionFormatTests {
    private static let openMetrics = "application/openmetrics-text;version=1.0.0"

    /// Expects the strictest parser to accept a body with all of its samples.
    private func expectOpenMetrics(_ exporter: RunningExporter, _ path: String = "/metrics") async throws {
        let answer = try await exporter.send("GET", path, fields: ["Accept": Self.openMetrics])
        #expect(answer.fields["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        let lines = answer.body.split(separator: UInt8(ascii: "\n"))
        #expect(try await Python.openMetricsSamples(in: answer.body) == lines.count { $0.first != UInt8(ascii: "#") })
    }

    @Test func strictOpenMetricsParserAcceptsEveryBody() async throws {
        let simulation = FlashbackSimulation.small(buckets: 2)
        // The parser splits lines as Python does, at more characters than the format's line feed: such names are not tested here.
        let names = UnusualNameTests.names.filter { name in
            !name.unicodeScalars.contains { "\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
        }
        for name in names { _ = simulation.createBucket(name: name, region: name) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s", "--cache.max-stale", "0s"]) { exporter in
                try await expectOpenMetrics(exporter)
                try await expectOpenMetrics(exporter, "/metrics?collect[]=status&workspace_id[]=workspace-1")
                simulation.setOutage(.unavailable)
                try await expectOpenMetrics(exporter)
            }
        }
        try await RunningExporter.runningDemo { try await expectOpenMetrics($0) }
    }

    /// The families that do not change between two scrapes.
    private static let stable =
        "/metrics?"
        + ["info", "status", "available", "requests_total", "node_info", "node_status", "node_latency_seconds"]
        .map { "name[]=flashback_bucket_\($0)" }.joined(separator: "&")

    @Test func clientsDecodeTheCompressedBodyToTheSameBytes() async throws {
        try await RunningExporter.runningDemo { exporter in
            _ = try await exporter.send("GET", "/metrics")
            let plain = try await exporter.send("GET", Self.stable)
            #expect(plain.fields["content-encoding"] == nil)
            #expect(plain.fields["vary"] == "Accept, Accept-Encoding")
            #expect(plain.body.count > 10_000)

            let coded = try await exporter.send("GET", Self.stable, fields: ["Accept-Encoding": "gzip"])
            #expect(coded.fields["content-encoding"] == "gzip")
            #expect(coded.body.count * 2 < plain.body.count)
            let python = try await Python.finished(
                ["-c", "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))"], input: coded.body)
            #expect(python.output == plain.body)

            let curl = try await RunningProcess.finished(
                try Program.curl(),
                ["-q", "--silent", "--noproxy", "*", "--globoff", "--compressed", "--fail", exporter.url(Self.stable)])
            #expect(curl.output == plain.body)

            let page = try await Chromium.visit(exporter.url(Self.stable)).document
            #expect(Self.preformatted(page) == plain.text)
        }
    }

    /// The text of a page's only `pre` element.
    private static func preformatted(_ page: String) -> String? {
        guard let match = page.firstMatch(of: /<pre[^>]*>(.*)<\/pre>/.dotMatchesNewlines()) else { return nil }
        var text = String(match.1)
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{A0}"), ("&amp;", "&")] {
            text = text.replacingOccurrences(of: entity, with: character)
        }
        return text
    }

    /// promtool uses Go's HTTP client, which requests gzip by default.
    @Test func goDecodesTheCompressedBodyToTheSameBytes() async throws {
        let directory = try TemporaryDirectory()
        try await RunningExporter.runningDemo(["--buckets", "50"]) { exporter in
            _ = try await exporter.send("GET", "/metrics")
            let promtool = try await RunningProcess.finished(
                URL(filePath: "/bin/sh"),
                [
                    "-c", "cd \"$1\" && \"$2\" debug metrics \"$3\" && tar -xzf debug.tar.gz && cat metrics.txt", "sh",
                    try directory.made("go"), try Program.promtool().path(), "http://\(exporter.addresses[0])",
                ])
            #expect(promtool.end == .status(0), "\(promtool.errorText)")
            let plain = try await exporter.send("GET", "/metrics")
            // promtool's own output comes first; the process' own values change from scrape to scrape.
            func lines(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("process_") } }
            let (read, expected) = (lines(promtool.outputText), lines(plain.text))
            #expect(read.suffix(expected.count).elementsEqual(expected))
            #expect(expected.count > 1000)
        }
        withExtendedLifetime(directory) {}
    }

    @Test func headHasTheFieldsOfGetAndNoBody() async throws {
        try await RunningExporter.runningDemo { exporter in
            _ = try await exporter.send("GET", "/metrics")
            for fields in [["Accept-Encoding": "gzip"], ["Accept": Self.openMetrics], [:]] {
                let get = try await exporter.send("GET", Self.stable, fields: fields)
                let head = try await exporter.send("HEAD", Self.stable, fields: fields)
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
                for name in ["content-type", "content-encoding", "content-length", "vary"] {
                    #expect(head.fields[name] == get.fields[name], "\(name)")
                }
            }
        }
    }

    @Test func jobsScrapeTheirOwnWorkspaces() async throws {
        try await RunningExporter.runningDemo { exporter in
            let all = try await exporter.scrape()
            let workspaces = all.labelValues("workspace_id")
            #expect(workspaces.count > 1)
            for workspace in workspaces {
                let part = try await exporter.scrape("/metrics?workspace_id[]=\(workspace)")
                #expect(part.labelValues("workspace_id") == [workspace])
                #expect(part.value("flashback_up") == 1)
                #expect(
                    part.labelValues("bucket_id")
                        == Set(
                            all.series("flashback_bucket_info", ["workspace_id": workspace]).compactMap { $0.labels["bucket_id"] }
                        ))
            }
            let refused = try await exporter.send("GET", "/metrics?workspace_id[]=nowhere")
            #expect(refused.status == 400)
            for workspace in workspaces { #expect(refused.text.contains("\"\(workspace)\"")) }
        }
    }
}
