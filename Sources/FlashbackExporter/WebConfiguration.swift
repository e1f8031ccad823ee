internal import ExporterServer
internal import HTTPListener

/// Where and how the metrics are served.
struct WebConfiguration: Sendable {
    var listenAddresses: [ListenAddress]
    var telemetryPath = "/metrics"
    var scrapeTimeout = ScrapeTimeout()
}
