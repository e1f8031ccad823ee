internal import ArgumentParser
internal import Configuration
internal import ExporterWeb

/// The main command without a subcommand: serves the metrics until stopped.
struct ExporterCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback-exporter",
        abstract: "Export the health, latency and traffic of Flashback storage buckets to Prometheus.",
        discussion: """
            The access token is read from --flashback.token-file or from the environment \
            variable FLASHBACK_TOKEN; or the exporter renews it itself, with a refresh token or a password. Proxies are \
            taken from http_proxy, https_proxy and no_proxy. Durations are written like 30s, 5m or 1h30m. Precedence: flag, \
            environment variable, --config.file, default.
            """,
        version: """
            flashback-exporter, version \(BuildInformation.version) (revision: \(BuildInformation.revision), \
            swift: \(BuildInformation.swiftVersion))
            """,
        subcommands: [
            DemoCommand.self, CollectCommand.self, CheckCommand.self, RecordCommand.self, BackfillCommand.self,
            HealthcheckCommand.self,
            MetricsReferenceCommand.self,
            ConfigurationReferenceCommand.self, ManualPageCommand.self,
        ])

    @OptionGroup var options: ExporterOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        let settings = try ExporterSettings(configuration)
        if options.configuration.onlyChecks { return try await ConfigurationCheck.run(settings) }
        let exporter = Exporter(
            settings: settings, logger: settings.log.logger(label: "flashback-exporter"),
            reload: { try ExporterSettings(try configuration.reloaded()) })
        try await exporter.run()
    }
}
