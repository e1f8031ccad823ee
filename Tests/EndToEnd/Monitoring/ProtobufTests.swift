import FlashbackSimulator
import Foundation
import Testing

/// The protobuf exposition as read by other programs: Python's protobuf package and three releases of Prometheus.
@Suite(.timeLimit(.minutes(10))) struct ProtobufTests {
    private static let format = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    private static let accepted = ["Accept": format]

    // MARK: Python

    @Test func pythonDecodesTheSeriesOfTheText() async throws {
        let simulation = FlashbackSimulation.small(buckets: 2)
        for name in UnusualNameTests.names { _ = simulation.createBucket(name: name, region: name) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "1h"]) { exporter in
                _ = try await exporter.send("GET", "/metrics")
                let text = try await exporter.scrape()
                let answer = try await exporter.send("GET", "/metrics", fields: Self.accepted)
                #expect(
                    answer.fields["content-type"]
                        == "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")
                let families = try await Python.messageFamilies(in: answer.body)
                #expect(families.map(\.name) == text.families)
                for family in families {
                    if family.name.hasPrefix("process_") { continue }
                    let samples = text.series(family.name)
                    if family.type == "HISTOGRAM" {
                        #expect(family.unit == "seconds")
                        #expect(family.metrics.allSatisfy { $0.count == $0.nativeCount && $0.start != nil })
                        #expect(family.metrics.map { $0.count.map(Double.init) } == text.values("\(family.name)_count"))
                    } else {
                        #expect(family.metrics.map(\.labels) == samples.map(\.labels), "\(family.name)")
                        #expect(family.metrics.map { $0.value.flatMap(Double.init) } == samples.map(\.value), "\(family.name)")
                    }
                }
                // Counters that the exporter keeps have a start; those that the API has counted since an unknown time have none.
                let counters = families.filter { $0.type == "COUNTER" }
                let started = counters.filter { $0.metrics.allSatisfy { $0.start != nil } }.map(\.name)
                #expect(started == counters.map(\.name).filter { !$0.hasPrefix("flashback_bucket_") })
                let now = Date().timeIntervalSince1970
                for start in counters.flatMap(\.metrics).compactMap(\.start) { #expect((now - 600...now).contains(start)) }
            }
        }
    }

    @Test func codingsFiltersAndHeadWorkAsInOtherFormats() async throws {
        try await RunningExporter.runningDemo { exporter in
            _ = try await exporter.send("GET", "/metrics")
            let path = "/metrics?name[]=flashback_bucket_info&name[]=flashback_bucket_status"
            let plain = try await exporter.send("GET", path, fields: Self.accepted)
            let families = try await Python.messageFamilies(in: plain.body)
            #expect(families.map(\.name) == ["flashback_bucket_info", "flashback_bucket_status"])
            #expect(families.allSatisfy { $0.type == "GAUGE" && !$0.metrics.isEmpty })
            let both = Self.accepted.merging(["Accept-Encoding": "gzip"]) { $1 }
            let coded = try await exporter.send("GET", path, fields: both)
            #expect(coded.fields["content-encoding"] == "gzip")
            let inflated = try await Python.finished(
                ["-c", "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))"], input: coded.body)
            #expect(inflated.output == plain.body)
            let head = try await exporter.send("HEAD", path, fields: Self.accepted)
            #expect(head.fields["content-length"] == "\(plain.body.count)")
            #expect(head.body.isEmpty)
            let refused = try await exporter.send("GET", "/metrics?name[]=nothing", fields: Self.accepted)
            #expect(refused.status == 400)
            #expect(refused.fields["content-type"] == "text/plain; charset=utf-8")
        }
    }

    // MARK: Prometheus

    /// A release of Debian with its Prometheus, and the settings that make it keep classic histograms too.
    struct Release: CustomTestStringConvertible {
        let name: String
        let classicSetting: String
        var testDescription: String { name }

        func program() throws -> URL {
            let path = "\(name)/prometheus/usr/bin/prometheus"
            guard let directory = ProcessInfo.processInfo.environment["READERS"] else { throw Program.Missing(name: path) }
            return URL(filePath: directory).appending(path: path)
        }
    }

    private static let releases = [
        Release(name: "trixie", classicSetting: "scrape_classic_histograms: true"),
        Release(name: "forky", classicSetting: "always_scrape_classic_histograms: true"),
    ]

    /// Two jobs that scrape the exporter, one in protobuf and one in text.
    private static func scraping<Result>(
        _ exporter: RunningExporter, _ release: Release, _ body: (RunningPrometheus) async throws -> Result
    ) async throws -> Result {
        func job(_ name: String, _ settings: String) -> String {
            "  - {job_name: \(name), static_configs: [{targets: ['\(exporter.addresses[0])']}], \(settings)}"
        }
        let configuration = """
            global: {scrape_interval: 1s}
            scrape_configs:
            \(job("protobuf", "scrape_protocols: [PrometheusProto], \(release.classicSetting)"))
            \(job("text", "scrape_protocols: [PrometheusText0.0.4]"))
            """
        return try await RunningPrometheus.running(
            configuration, flags: ["--enable-feature=native-histograms,created-timestamp-zero-ingestion"],
            program: release.program(), body)
    }

    /// The series of the collected data and of the classic histogram, without their job.
    private static func series(of job: String, _ prometheus: RunningPrometheus) async throws -> [[String: String]: Double] {
        let names = "flashback_(bucket|collector|quota|api_(request_duration_seconds_.+|requests_total|retries_total)).*"
        let series = try await prometheus.query("{__name__=~\"\(names)\", job=\"\(job)\"}")
        return Dictionary(
            series.map { series in (series.labels.filter { $0.key != "job" }, series.value) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test(arguments: releases) func prometheusReadsTheSeriesOfTheText(_ release: Release) async throws {
        let simulation = FlashbackSimulation.small(buckets: 2)
        for name in UnusualNameTests.names { _ = simulation.createBucket(name: name, region: name) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "1h"]) { exporter in
                _ = try await exporter.send("GET", "/metrics")
                try await Self.scraping(exporter, release) { prometheus in
                    try await prometheus.allUp(2)
                    let expected = try await Self.series(of: "text", prometheus)
                    let read = try await Self.series(of: "protobuf", prometheus)
                    #expect(expected.count > 200)
                    #expect(expected.keys.contains { $0["le"] == "0.005" })
                    #expect(Set(read.keys) == Set(expected.keys))
                    for (labels, value) in expected {
                        let other = read[labels]
                        #expect(other == value || value.isNaN && other?.isNaN == true, "\(labels)")
                    }
                }
            }
        }
    }

    @Test(arguments: releases) func firstErrorAfterAStartIsCounted(_ release: Release) async throws {
        let simulation = FlashbackSimulation.small(buckets: 2)
        simulation.setForbidden(true, bucket: simulation.buckets[0].id)
        try await FlashbackSimulator.serving(simulation) { simulator in
            // No refresh is due during the test, so there is exactly one error of each kind.
            try await RunningExporter.running(
                simulator.url, ["--cache.ttl", "1h", "--no-collector.daily", "--no-collector.yesterday"]
            ) { exporter in
                try await Self.scraping(exporter, release) { prometheus in
                    let errors = "flashback_api_requests_total{code=\"403\"}"
                    // In text, the first sample is already 1.
                    try await prometheus.query("increase(\(errors)[5m])") { series in
                        series.contains { $0.labels["job"] == "text" && $0.value == 0 }
                    }
                    try await prometheus.query("increase(\(errors)[5m])") { series in
                        series.contains { $0.labels["job"] == "protobuf" && $0.value >= 1 }
                    }
                }
            }
        }
    }

    @Test(arguments: releases) func nativeHistogramHasTheDurations(_ release: Release) async throws {
        try await RunningExporter.runningDemo(["--cache.ttl", "0s"]) { exporter in
            try await Self.scraping(exporter, release) { prometheus in
                let rate = "sum(rate(flashback_api_request_duration_seconds{job=\"protobuf\"}[1m]))"
                try await prometheus.query("histogram_quantile(0.9, \(rate))") { series in
                    series.count == 1 && series[0].value > 0 && series[0].value < 30
                }
                try await prometheus.query("histogram_count(\(rate))") { ($0.first?.value ?? 0) > 0 }
                // The native histogram has a finer resolution than the classic one, with whose quantiles it agrees.
                let query =
                    "histogram_quantile(0.5, sum(flashback_api_request_duration_seconds)) / on () "
                    + "histogram_quantile(0.5, sum by (le) (flashback_api_request_duration_seconds_bucket{job=\"protobuf\"}))"
                try await prometheus.query(query) { series in series.count == 1 && (0.3...3).contains(series[0].value) }
            }
        }
    }

    /// Prometheus 2.42, which requests protobuf only for native histograms and knows no start timestamps.
    @Test func oldPrometheusReadsNativeHistograms() async throws {
        try await RunningExporter.runningDemo(["--cache.ttl", "0s"]) { exporter in
            let configuration = """
                global: {scrape_interval: 1s}
                scrape_configs: [{job_name: flashback, static_configs: [{targets: ['\(exporter.addresses[0])']}]}]
                """
            try await RunningPrometheus.running(configuration, flags: ["--enable-feature=native-histograms"]) { prometheus in
                try await prometheus.allUp(1)
                try await prometheus.query(
                    "histogram_quantile(0.9, sum(rate(flashback_api_request_duration_seconds[1m])))"
                ) { $0.count == 1 && $0[0].value > 0 }
                try await prometheus.expect("count(flashback_up == 1)", 1)
            }
        }
    }
}
