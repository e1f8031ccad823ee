internal import ArgumentParser
internal import ExporterServer
internal import PrometheusCommandLine

/// The command without a subcommand: serves the metrics of an account until it is told to stop.
struct ExporterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback-exporter",
        abstract: "Export the health, latency and traffic of Flashback storage buckets to Prometheus.",
        discussion: """
            The access token is read from the file that --flashback.token-file names, or else from the environment \
            variable FLASHBACK_TOKEN; or the exporter renews it itself, with a refresh token or a password. Proxies are \
            taken from http_proxy, https_proxy and no_proxy. Durations are written like 30s, 5m or 1h30m.
            """,
        version: """
            flashback-exporter, version \(BuildInformation.version) (revision: \(BuildInformation.revision), \
            swift: \(BuildInformation.swiftVersion))
            """,
        subcommands: [DemoCommand.self, CollectCommand.self, CheckCommand.self, MetricsReferenceCommand.self])

    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run() async throws {
        let exporter = Exporter(
            account: AccountSettings(
                upstream: try flashback.upstream(environment: ProcessEnvironment.current),
                collection: collection.configuration(collectors, workspaceIDs: flashback.workspaceIDs)),
            web: try web.configuration(),
            logger: log.logger(label: "flashback-exporter"))
        try await exporter.run()
    }
}
