internal import FoundationEssentials
internal import HTTPListener
internal import HTTPTypes

/// The page at `/`, for a person who wants to know whether all is well, and where to look when it is not.
///
/// It is one document that needs nothing else and runs nothing. The browser asks for it again by itself.
struct LandingPage {
    /// How often the browser asks again, in seconds.
    private static let refreshInterval = 30

    /// Only the page's own style is taken, a form leads here, and nobody puts the page into a frame.
    private static let contentSecurityPolicy = [
        "default-src 'none'", "style-src \(PageStyle.source)", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private let telemetryPath: String
    private let query: PageQuery
    private let overview: ExporterOverview
    private let listing: BucketListing
    private let findings: [Finding]
    private let wording: Wording

    /// - Parameter query: what stands behind the question mark of the request's target.
    init(telemetryPath: String, query: Substring? = nil, overview: ExporterOverview) {
        self.telemetryPath = telemetryPath
        self.query = PageQuery(query)
        self.overview = overview
        listing = BucketListing(overview.buckets ?? [], self.query)
        findings = Finding.all(in: overview, listing.counts)
        wording = Wording(now: overview.date)
    }

    var response: ListenerResponse {
        var fields: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        fields[.contentSecurityPolicy] = Self.contentSecurityPolicy
        fields[.xContentTypeOptions] = "nosniff"
        if let referrerPolicy = HTTPField.Name("Referrer-Policy") { fields[referrerPolicy] = "no-referrer" }
        return ListenerResponse(status: .ok, headerFields: fields, body: [html.bytes])
    }

    private var html: HTML {
        let title = findings.first.map { "\($0.title) – Flashback exporter" } ?? "Flashback exporter"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="refresh" content="\(text: String(Self.refreshInterval))">
            <title>\(text: title)</title>
            <style>\(PageStyle.css)</style>
            </head>
            <body>
            <header><h1>Flashback exporter</h1>
            <p>Version \(text: BuildInformation.version), revision <code>\(text: String(BuildInformation.revision.prefix(12)))</code></p></header>
            <main>
            \(verdict)\(facts)\(buckets)\(CollectorTable(collectors: overview.collectors, wording: wording).html)\(links)</main>
            <footer><p>As of \(wording.clock(overview.date)). This page is loaded again every \
            \(text: String(Self.refreshInterval)) s.</p></footer>
            </body>
            </html>

            """
    }

    // MARK: First of all

    private var verdict: HTML {
        guard let first = findings.first else {
            let total = listing.counts.total
            let buckets: HTML =
                switch total {
                case 0: "The account has no buckets."
                case 1: "The one bucket is online."
                default: "All \(text: Wording.grouped(total)) buckets are online."
                }
            return """
                <section class="verdict good" aria-label="Verdict"><h2>✓ All is well</h2><p>\(buckets)</p></section>

                """
        }
        let others: [HTML] = findings.dropFirst().map { "<li><strong>\(text: $0.title).</strong> \($0.detail)</li>\n" }
        let severity = first.severity == .bad ? "bad" : "warning"
        let sign = first.severity == .bad ? "✕" : "!"
        return """
            <section class="verdict \(text: severity)" aria-label="Verdict"><h2>\(text: sign) \(text: first.title)</h2><p>\(first.detail)</p>
            \(others.isEmpty ? "" : "<ul>\n\(others)</ul>\n")</section>

            """
    }

    private var facts: HTML {
        """
        <dl>
        <div><dt>API</dt><dd>\(api)</dd></div>
        <div><dt>Access token</dt><dd>\(token)</dd></div>
        <div><dt><a href="#buckets">Buckets</a></dt><dd>\(reachable)</dd></div>
        <div><dt><a href="#collectors">Collectors</a></dt><dd>\(collectors)</dd></div>
        </dl>

        """
    }

    private var api: HTML {
        let since: HTML = overview.api.since.map { "for \(wording.elapsed(since: $0)), " } ?? ""
        let address: HTML = "<small>\(since)<span>\(text: overview.api.address)</span></small>"
        return switch overview.api.state {
        case .reachable: "<strong>reachable</strong> \(address)"
        case .unreachable: "<strong>not reachable</strong> \(address)"
        case .notAskedYet: "<strong>not asked yet</strong> <small>\(text: overview.api.address)</small>"
        }
    }

    private var token: HTML {
        let token = overview.token
        let renewal: HTML = token.isRenewed ? "renewed by the exporter" : "not renewed by the exporter"
        guard let end = token.expiresAt else {
            return "<strong>expiry not known</strong> <small>\(renewal)</small>"
        }
        let verb = end > overview.date ? "expires" : "expired"
        return "<strong>\(text: verb) \(wording.relative(end))</strong> <small>\(renewal)</small>"
    }

    private var reachable: HTML {
        guard let buckets = overview.buckets else { return "<strong>not known</strong>" }
        // Those of which nothing is known are not known to be unreachable, but not to be reachable either.
        let reachable = Wording.grouped(buckets.count { $0.isReachable })
        let ill = buckets.count - listing.counts[.well]
        let advice: HTML =
            ill == 0 ? "none needs a look" : "\(text: Wording.grouped(ill)) \(ill == 1 ? "needs" : "need") a look"
        let age: HTML = overview.api.state == .unreachable ? ", as last read" : ""
        return """
            <strong>\(text: reachable) of \(text: Wording.grouped(buckets.count)) reachable</strong> <small>\(advice)\(age)</small>
            """
    }

    private var collectors: HTML {
        let states = overview.collectors.map { $0.state(at: overview.date) }
        let others: [HTML] = CollectorOverview.State.allCases.compactMap { state in
            let count = states.count { $0 == state }
            return state == .good || count == 0 ? nil : "\(text: String(count)) \(CollectorTable.words(for: state))"
        }
        return """
            <strong>\(text: String(states.count { $0 == .good })) of \(text: String(states.count { $0 != .off })) good</strong> \
            <small>\(others.isEmpty ? "none fails" : HTML(others, separatedBy: ", "))</small>
            """
    }

    // MARK: The rest

    private var buckets: HTML {
        guard overview.buckets != nil else { return "" }
        return BucketTable(listing: listing, query: query, wording: wording).html
    }

    private var links: HTML {
        """
        <section aria-labelledby="links"><h2 id="links">What else is here</h2>
        <ul class="links">
        <li><a href="\(text: telemetryPath)">Metrics</a> for Prometheus, as text or, for whoever accepts it, as OpenMetrics</li>
        <li><a href="/-/healthy">Health</a>: whether the program runs</li>
        <li><a href="/-/ready">Readiness</a>: whether the API has been asked for the first time</li>
        <li><a href="https://docs.flashback.tech" rel="noreferrer">Flashback’s documentation</a></li>
        </ul></section>

        """
    }
}
