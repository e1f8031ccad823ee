internal import ArgumentParser
internal import PrometheusCommandLine

/// Prints `docs/configuration.md` and `deploy/flashback-exporter.yml`; for those who work on the exporter.
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
