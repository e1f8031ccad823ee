internal import ArgumentParser
internal import Configuration

/// Prints `docs/configuration.md` and `deploy/flashback-exporter.yml`; for developers of the exporter.
struct ConfigurationReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration-reference", abstract: "Print the reference of all settings as Markdown.", shouldDisplay: false
    )

    @Flag(help: "Print a configuration file with every key instead.")
    var template = false

    func run() throws {
        let rules = ExporterConfiguration.rules
        try StandardStream.output.write(
            template ? ConfigurationTemplate.text(rules) : ConfigurationReference(rules).markdown)
    }
}

/// Prints the generated part of `man flashback-exporter`; for `scripts/package.sh`.
struct ManualPageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual-page", abstract: "Print the manual page, without date and closing sections, as mdoc.",
        shouldDisplay: false)

    func run() throws {
        try StandardStream.output.write(ManualPage.text)
    }
}

/// Prints `docs/metrics.md` or `docs/metrics.json`; for developers of the exporter.
struct MetricsReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics-reference", abstract: "Print the reference of all metrics as Markdown.", shouldDisplay: false)

    @Flag(help: "Print the declarations of all metrics as JSON instead.")
    var json = false

    func run() throws {
        try StandardStream.output.write(json ? MetricsDeclarations.json : MetricsReference.markdown)
    }
}
