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
}
