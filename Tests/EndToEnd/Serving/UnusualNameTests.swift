import FlashbackSimulator
import Foundation
import Testing

/// No name that the API returns may break the scrape for other buckets.
@Suite(.timeLimit(.minutes(10))) struct UnusualNameTests {
    static let names = [
        "", " ", "say \"hi\"", "back\\slash", "ends with \\", "ends with \\\"", "line\nbreak", "return\r\nbreak",
        "tab\tbell\u{7}",
        "\\n is not a line feed", "{le=\"1\"} 1", "# HELP up", "bucket 🪣👩‍👩‍👧", "e\u{301}", "\u{301}", "\u{2028}\u{2029}\u{85}",
        "\u{FEFF}", "שלום", "\u{202E}evil", "a\u{0}b", "\u{0}", "\u{7F}\u{1B}[31m", "\u{FFFD}", "\u{10FFFF}",
        String(repeating: "long", count: 512),
    ]

    @Test func unusualNamesAreExposedUnchanged() async throws {
        let simulation = FlashbackSimulation.small(buckets: 0)
        var identifiers: [String: String] = [:]
        for name in Self.names { identifiers[simulation.createBucket(name: name, region: name)] = name }
        try await FlashbackSimulator.serving(simulation) { [identifiers] simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let metrics = try await exporter.scrape()
                let answer = try await exporter.send("GET", "/metrics")
                for (id, name) in identifiers {
                    let series = try #require(metrics.series("flashback_bucket_info", ["bucket_id": id]).first)
                    #expect(series.labels["bucket_name"].map { Array($0.utf8) } == Array(name.utf8), "\(name.debugDescription)")
                    #expect(series.labels["bucket_region"].map { Array($0.utf8) } == Array(name.utf8), "\(name.debugDescription)")
                }
                let promtool = try await RunningProcess.finished(
                    try Program.promtool(), ["check", "metrics"], input: answer.body)
                #expect(promtool.end == .status(0))
                #expect(promtool.outputText + promtool.errorText == "")

                try await RunningPrometheus.scraping(exporter.addresses) { prometheus in
                    try await prometheus.allUp(1)
                    let buckets = try await prometheus.query("flashback_bucket_info") { $0.count == Self.names.count }
                    for bucket in buckets {
                        let name = bucket.labels["bucket_name"] ?? ""
                        #expect(identifiers[bucket.labels["bucket_id"] ?? ""].map { Array($0.utf8) } == Array(name.utf8))
                    }
                    try await prometheus.expect("scrape_samples_scraped", Double(metrics.samples.count))
                }
            }
        }
    }

    @Test func invalidUTF8InOneNameLeavesOtherBucketsAlone() async throws {
        let simulation = FlashbackSimulation.small(buckets: 0)
        let body =
            Array("{\"success\":true,\"buckets\":[{\"id\":\"bad\",\"name\":\"x".utf8) + [0xFF, 0xC3, 0x28]
            + Array("\"},{\"id\":\"good\",\"name\":\"fine\"}]}".utf8)
        simulation.faults.add(.body(body), to: .listBuckets)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let answer = try await exporter.send("GET", "/metrics")
                #expect(String(validating: answer.body, as: UTF8.self) != nil)
                let metrics = try Metrics(answer.text)
                #expect(metrics.value("flashback_bucket_info", ["bucket_id": "good", "bucket_name": "fine"]) == 1)
                #expect(
                    metrics.value("flashback_bucket_info", ["bucket_id": "bad", "bucket_name": "x\u{FFFD}\u{FFFD}("]) == 1)
                let promtool = try await RunningProcess.finished(
                    try Program.promtool(), ["check", "metrics"], input: answer.body)
                #expect(promtool.end == .status(0))
                #expect(promtool.outputText + promtool.errorText == "")
                try await RunningPrometheus.scraping(exporter.addresses) { prometheus in try await prometheus.allUp(1) }
            }
        }
    }
}
