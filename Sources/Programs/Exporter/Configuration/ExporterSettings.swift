internal import Configuration
internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors
internal import HTTPServer

/// The exporter's settings from all layers: flags, environment variables and the configuration file.
struct ExporterSettings: Sendable {
    /// One account without a name, or one or more accounts with distinct names.
    var accounts: [AccountSettings]
    var web: WebSettings
    /// Whether `POST /-/reload` reloads the configuration.
    var enablesLifecycle = false
    /// The configuration file, if its changes cause a reload.
    var watchedFile: String?
    var log: LogOptions
    /// Nil if probes are disabled.
    var probes: ProbeLimits?

    /// What is exported.
    var metrics: MetricSelection { accounts.metrics }
}

/// Where and how the metrics are served.
struct WebSettings: Sendable {
    var listenAddresses: [ListenAddress]
    /// Listens on the sockets passed by the service manager instead of the addresses.
    var usesSystemdSocket = false
    var maximumConnections = ListenerConfiguration().maximumConnections
    var telemetryPath = ExporterResponder.usualTelemetryPath
    var scrapeTimeout = ScrapeTimeout()
    /// The maximum number of concurrent requests; 0 for no limit.
    var maximumRequests = 40
    /// The file of `--web.config.file` as it was when these settings were loaded; nil without one. It is watched for changes:
    /// ``ReloadingWebConfiguration`` has the active one.
    var configurationFile: LoadedWebConfiguration?

    /// The scheme of the exporter's URLs.
    var scheme: String { configurationFile?.usesTLS == true ? "https" : "http" }
}

extension ExporterSettings {
    /// The settings from all layers, validated as far as possible without a request.
    /// - Throws: a one-line error with the problem and the origin of the value.
    init(_ configuration: LayeredConfiguration) throws(InvalidArgument) {
        let options = try configuration.parse(ExporterOptions.self)
        do {
            self.init(
                accounts: try ConfiguredAccounts.settings(configuration, options), web: try options.web.configuration(),
                enablesLifecycle: options.web.enablesLifecycle, watchedFile: try options.configuration.watchedFile(),
                log: options.log, probes: try options.probes.limits())
        } catch {
            throw configuration.explained(error, of: ExporterOptions.self)
        }
    }
}
