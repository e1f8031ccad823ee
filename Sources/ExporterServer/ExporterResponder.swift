package import Exposition
package import HTTPListener
internal import HTTPTypes

/// What the exporter answers at each of its paths.
package struct ExporterResponder: Sendable {
    /// The path of the metrics, such as `/metrics`.
    private let telemetryPath: String
    private let metrics: MetricsResponder
    private let isReady: @Sendable () -> Bool
    private let overview: @Sendable () async -> ExporterOverview

    /// - Parameters:
    ///   - telemetryPath: where the metrics are; it begins with a slash.
    ///   - scrapeTimeout: how long a scrape may wait.
    ///   - selection: what a scrape may choose from.
    ///   - isReady: whether there is something to scrape.
    ///   - overview: what the page at `/` tells.
    ///   - snapshot: the metrics, to be had within a time.
    package init(
        telemetryPath: String = "/metrics", scrapeTimeout: ScrapeTimeout = ScrapeTimeout(),
        selection: ScrapeSelection, isReady: @escaping @Sendable () -> Bool,
        overview: @escaping @Sendable () async -> ExporterOverview = { .nothingYet },
        snapshot: @escaping @Sendable (Duration) async -> MetricSnapshot
    ) {
        self.telemetryPath = telemetryPath
        metrics = MetricsResponder(scrapeTimeout: scrapeTimeout, selection: selection, snapshot: snapshot)
        self.isReady = isReady
        self.overview = overview
    }

    /// Answers a request.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        guard let route = route(of: request.path) else {
            return .text(.notFound, "Not found. The metrics are at \(telemetryPath).")
        }
        guard [.get, .head].contains(request.head.method) else {
            return .text(.methodNotAllowed, "Only GET and HEAD are answered here.", headerFields: [.allow: "GET, HEAD"])
        }
        switch route {
        case .metrics:
            return await metrics.respond(to: request)
        case .landingPage:
            return LandingPage(telemetryPath: telemetryPath, query: request.query, overview: await overview()).response
        case .healthy:
            return .text(.ok, "The exporter is healthy.")
        case .ready:
            return isReady()
                ? .text(.ok, "The exporter is ready.") : .text(.serviceUnavailable, "The first refresh has not ended yet.")
        }
    }

    private enum Route {
        case metrics, landingPage, healthy, ready
    }

    private func route(of path: Substring) -> Route? {
        switch path {
        case telemetryPath[...]: .metrics
        case "/": .landingPage
        case "/-/healthy": .healthy
        case "/-/ready": .ready
        default: nil
        }
    }
}

extension ExporterResponder {
    /// The families that are the exporter's own and not the collectors'.
    package static var ownFamilies: [MetricFamily] {
        BuildInformation.Families.families + ProcessFamilies.families + WebConfigurationFamilies.families
    }
}
