internal import ExporterServer
internal import HTTPListener

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
