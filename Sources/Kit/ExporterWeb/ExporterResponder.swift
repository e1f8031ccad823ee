package import HTTPServer
internal import HTTPTypes

/// Routes requests to the exporter's paths.
package struct ExporterResponder: Sendable {
    /// The path of the metrics by convention.
    package static let usualTelemetryPath = "/metrics"

    private let telemetryPath: String
    private let metrics: MetricsResponder
    private let isReady: @Sendable () -> Bool
    private let reload: (@Sendable () async -> ReloadOutcome)?
    private let page: @Sendable (ListenerRequest) async -> ListenerResponse
    private let others: [String: HTTPListener.Handler]

    /// - Parameters:
    ///   - telemetryPath: the metrics' path; it begins with a slash.
    ///   - scrapeTimeout: how long a scrape may wait.
    ///   - selection: the valid scrape parameters.
    ///   - isReady: whether there is something to scrape.
    ///   - reload: reads the configuration again; nil when reloads over HTTP are disabled.
    ///   - page: the page at `/`.
    ///   - others: additional paths, each of which begins with a slash, and their handlers.
    ///   - sources: the sources of the metrics, in output order.
    package init(
        telemetryPath: String = Self.usualTelemetryPath, scrapeTimeout: ScrapeTimeout = ScrapeTimeout(),
        selection: ScrapeSelection, isReady: @escaping @Sendable () -> Bool,
        reload: (@Sendable () async -> ReloadOutcome)? = nil,
        page: @escaping @Sendable (ListenerRequest) async -> ListenerResponse,
        others: [String: HTTPListener.Handler] = [:],
        sources: [MetricSource]
    ) {
        self.telemetryPath = telemetryPath
        metrics = MetricsResponder(scrapeTimeout: scrapeTimeout, selection: selection, sources: sources)
        self.isReady = isReady
        self.reload = reload
        self.page = page
        self.others = others
    }

    /// Answers a request.
    package func respond(to request: ListenerRequest) async -> ListenerResponse {
        guard let route = route(of: request.path) else {
            return .text(.notFound, "Not found. The metrics are at \(telemetryPath).")
        }
        guard route.methods.contains(request.head.method) else {
            let methods = route.methods.map(\.rawValue)
            return .text(
                .methodNotAllowed, "Only \(methods.joined(separator: " and ")) are allowed here.",
                headerFields: [.allow: methods.joined(separator: ", ")])
        }
        switch route {
        case .metrics:
            return await metrics.respond(to: request)
        case .page:
            return await page(request)
        case .other(let handler):
            return await handler(request)
        case .healthy:
            return .text(.ok, "The exporter is healthy.")
        case .reload:
            return await answerReload()
        case .ready:
            return isReady()
                ? .text(.ok, "The exporter is ready.") : .text(.serviceUnavailable, "The first refresh has not finished yet.")
        }
    }

    /// Sends the same responses as Prometheus.
    private func answerReload() async -> ListenerResponse {
        guard let reload else {
            return .text(.forbidden, "Lifecycle API is not enabled.")
        }
        switch await reload() {
        case .active: return .text(.ok, "Configuration reloaded.")
        case .refused(let reason): return .text(.internalServerError, "failed to reload config: \(reason)")
        }
    }

    private enum Route {
        case metrics, page, healthy, ready, reload
        case other(HTTPListener.Handler)

        var methods: [HTTPRequest.Method] { if case .reload = self { [.post, .put] } else { [.get, .head] } }
    }

    private func route(of path: Substring) -> Route? {
        switch path {
        case telemetryPath[...]: .metrics
        case "/": .page
        default:
            switch ReservedPath(rawValue: String(path)) {
            case .healthy: .healthy
            case .ready: .ready
            case .reload: .reload
            case nil: others[String(path)].map { .other($0) }
            }
        }
    }
}

/// The paths of Prometheus' own programs, which metrics cannot be served at.
package enum ReservedPath: String, CaseIterable, Sendable {
    case healthy = "/-/healthy"
    case ready = "/-/ready"
    case reload = "/-/reload"
}
