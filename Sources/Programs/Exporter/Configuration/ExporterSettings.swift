internal import Configuration
internal import ExporterWeb
internal import HTTPServer

/// All that the configuration says, whichever layer says it: flags, variables or the configuration file.
struct ExporterSettings: Sendable {
    /// One account without a name, or one or more with names of their own.
    var accounts: [AccountSettings]
    var web: WebConfiguration
    /// Whether `POST /-/reload` has the configuration read again.
    var enablesLifecycle = false
    var log: LogOptions
}

/// Where and how the metrics are served.
struct WebConfiguration: Sendable {
    var listenAddresses: [ListenAddress]
    /// Listens on the sockets that the service manager passes, and not on the addresses.
    var usesSystemdSocket = false
    var maximumConnections = 512
    var telemetryPath = "/metrics"
    var scrapeTimeout = ScrapeTimeout()
    /// How many requests are answered at once; 0 does not limit them.
    var maximumRequests = 40
    /// What `--web.config.file` names; nil without one.
    var configurationFile: LoadedWebConfiguration?

    /// The beginning of the exporter's addresses.
    var scheme: String { configurationFile?.usesTLS == true ? "https" : "http" }
}

extension ExporterSettings {
    /// What all layers of the configuration say, checked as far as it can be without asking the API.
    /// - Throws: an error of one line that says what is wrong, and where it is set.
    init(_ configuration: LayeredConfiguration) throws(InvalidArgument) {
        let options = try configuration.parse(ExporterOptions.self)
        do {
            self.init(
                accounts: try ConfiguredAccounts.settings(configuration, options), web: try options.web.configuration(),
                enablesLifecycle: options.web.enablesLifecycle, log: options.log)
        } catch {
            throw configuration.explained(error, of: ExporterOptions.self)
        }
    }
}
