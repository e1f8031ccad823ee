import Foundation
import Testing

/// A program that reads the exporter's metrics.
enum MetricsReader: Sendable, CustomTestStringConvertible {
    /// - Parameters:
    ///   - features: of `--enable-feature`.
    ///   - settings: lines of the scrape's configuration.
    case prometheus(DebianRelease, features: [String] = [], settings: [String] = [])
    case victoriaMetrics(DebianRelease)
    /// It writes to a VictoriaMetrics of the same release.
    case vmagent(DebianRelease)
    case pythonText, pythonOpenMetrics

    static let all: [MetricsReader] = [
        .prometheus(.bookworm), .prometheus(.bookworm, features: ["native-histograms"]),
        .prometheus(.trixie),
        .prometheus(
            .trixie, features: ["native-histograms", "created-timestamp-zero-ingestion"],
            settings: ["scrape_classic_histograms: true"]),
        .prometheus(.forky),
        .prometheus(.forky, features: ["native-histograms", "created-timestamp-zero-ingestion"]),
        .prometheus(
            .forky, features: ["native-histograms", "created-timestamp-zero-ingestion"],
            settings: ["always_scrape_classic_histograms: true"]),
        .prometheus(
            .forky, features: ["native-histograms"], settings: ["convert_classic_histograms_to_nhcb: true"]),
        .victoriaMetrics(.bookworm), .vmagent(.bookworm), .victoriaMetrics(.forky), .vmagent(.forky),
        .pythonText, .pythonOpenMetrics,
    ]

    var testDescription: String {
        switch self {
        case .prometheus(let release, let features, let settings):
            "Prometheus of \(release) \((features + settings).joined(separator: ", "))"
        case .victoriaMetrics(let release): "VictoriaMetrics of \(release)"
        case .vmagent(let release): "vmagent of \(release)"
        case .pythonText: "Python, text"
        case .pythonOpenMetrics: "Python, OpenMetrics"
        }
    }

    /// The relative error of stored values: VictoriaMetrics keeps twelve to fifteen decimal digits.
    var tolerance: Double {
        switch self {
        case .victoriaMetrics, .vmagent: 1e-12
        default: 0
        }
    }

    /// Reads the exporter's metrics and compares what is stored, again until it is right or a minute has passed.
    func reading(_ exporter: RunningExporter, _ isRight: (StoredSeries) async throws -> Bool) async throws {
        var configuration = """
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: flashback
                static_configs: [{targets: ["\(exporter.addresses[0])"]}]
            """
        func look(at database: RunningPrometheus) async throws {
            for _ in 0..<300 {
                if try await isRight(StoredSeries(queriedFrom: database)) { return }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        switch self {
        case .prometheus(let release, let features, let settings):
            configuration += settings.map { "\n    \($0)" }.joined()
            let flags = features.isEmpty ? [] : ["--enable-feature=\(features.joined(separator: ","))"]
            try await RunningPrometheus.running(configuration, flags: flags, program: release.prometheus()) {
                try await look(at: $0)
            }
        case .victoriaMetrics(let release):
            try await RunningVictoriaMetrics.storing(release, configuration: configuration) { try await look(at: $0) }
        case .vmagent(let release):
            try await RunningVictoriaMetrics.storing(release) { database in
                try await RunningVictoriaMetrics.scraping(release, configuration, writingTo: database.address) { _ in
                    try await look(at: database)
                }
            }
        case .pythonText:
            let body = try await exporter.send("GET", "/metrics").body
            _ = try await isRight(StoredSeries(parsed: body, by: "prometheus_client.parser"))
        case .pythonOpenMetrics:
            let fields = ["Accept": "application/openmetrics-text;version=1.0.0"]
            let body = try await exporter.send("GET", "/metrics", fields: fields).body
            _ = try await isRight(StoredSeries(parsed: body, by: "prometheus_client.openmetrics.parser"))
        }
    }
}
