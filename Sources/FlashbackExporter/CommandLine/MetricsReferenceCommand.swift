internal import ArgumentParser
internal import PrometheusCommandLine

/// Prints `docs/metrics.md`; for those who work on the exporter.
struct MetricsReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics-reference", abstract: "Print the reference of all metrics as Markdown.", shouldDisplay: false)

    func run() throws {
        try StandardStream.output.write(MetricsReference.markdown)
    }
}
