internal import ArgumentParser
internal import Configuration
internal import ExporterWeb
internal import HTTPServer

/// Where and how the metrics are served.
struct WebOptions: ParsableArguments {
    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp("Address to listen on, such as :10420 or 127.0.0.1:10420; may be repeated.", valueName: "address"))
    var listenAddresses: [ListenAddress] = [ListenAddress(host: nil, port: 10_420)]

    @Flag(
        name: .customLong("web.systemd-socket"), inversion: .prefixedNo,
        help: "Listen on the sockets that systemd passes instead of --web.listen-address (socket activation).")
    var usesSystemdSocket = false

    @Option(
        name: .customLong("web.max-connections"), parsing: .unconditional,
        help: ArgumentHelp(
            "Maximum number of connections; a further one closes the connection that has been idle longest.", valueName: "count"))
    var maximumConnections = ListenerConfiguration().maximumConnections

    @Option(name: .customLong("web.telemetry-path"), help: ArgumentHelp("Path of the metrics.", valueName: "path"))
    var telemetryPath = ExporterResponder.usualTelemetryPath

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "File that can enable TLS and basic authentication; reloaded when it changes.", valueName: "file"))
    var configurationFile: String?

    @Flag(
        name: .customLong("web.enable-lifecycle"), inversion: .prefixedNo,
        help: "Enable POST /-/reload, which reloads the configuration as SIGHUP does.")
    var enablesLifecycle = false

    @Option(
        name: .customLong("web.max-requests"), parsing: .unconditional,
        help: ArgumentHelp("Maximum number of concurrent requests; 0 means no limit.", valueName: "count"))
    var maximumRequests = WebSettings(listenAddresses: []).maximumRequests

    @Option(
        duration: "scrape.timeout",
        help: "Maximum time that a scrape waits for the API. (default: Prometheus' timeout up to 2m, 10s for scrapes without one)"
    )
    var scrapeTimeout: PrometheusDuration?

    @Option(
        duration: "scrape.timeout-offset", default: ScrapeTimeout().offset,
        help: "Subtracted from Prometheus' timeout to leave time for the response.")
    var scrapeTimeoutOffset: PrometheusDuration

    /// The configuration from these options.
    /// - Throws: a one-line error with the invalid option.
    func configuration() throws -> WebSettings {
        guard telemetryPath.hasPrefix("/"), !telemetryPath.contains(where: { "?# ".contains($0) }) else {
            throw InvalidArgument("--web.telemetry-path must begin with / and contain no ?, # or space")
        }
        guard ReservedPath(rawValue: telemetryPath) == nil, ProbeRoutes.Path(rawValue: telemetryPath) == nil else {
            throw InvalidArgument("--web.telemetry-path: \(telemetryPath) is reserved")
        }
        guard maximumConnections > 0 else { throw InvalidArgument("--web.max-connections must be at least 1") }
        guard maximumRequests >= 0 else { throw InvalidArgument("--web.max-requests must not be negative") }
        return WebSettings(
            listenAddresses: listenAddresses, usesSystemdSocket: usesSystemdSocket, maximumConnections: maximumConnections,
            telemetryPath: telemetryPath,
            scrapeTimeout: ScrapeTimeout(maximum: scrapeTimeout?.duration, offset: scrapeTimeoutOffset.duration),
            maximumRequests: maximumRequests, configurationFile: try loadedConfigurationFile())
    }

    private func loadedConfigurationFile() throws(InvalidArgument) -> LoadedWebConfiguration? {
        // An empty path counts as none, as in the exporter-toolkit.
        guard let configurationFile, !configurationFile.isEmpty else { return nil }
        do {
            return try LoadedWebConfiguration(path: configurationFile)
        } catch {
            throw InvalidArgument("--web.config.file: \(error)")
        }
    }
}
