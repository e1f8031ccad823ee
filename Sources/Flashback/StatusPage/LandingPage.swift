internal import Basics
internal import ExporterWeb
internal import FoundationEssentials
package import HTTPServer
internal import HTTPTypes

/// The status page at `/`: whether everything works and, if not, where to look.
///
/// It is one self-contained document without scripts. The browser reloads it automatically.
package struct LandingPage: Sendable {
    /// The reload interval, in seconds.
    private static let refreshInterval = 30

    /// Allows only the page's own style and forms to this site, and forbids framing.
    private static let contentSecurityPolicy = [
        "default-src 'none'", "style-src \(PageStyle.source)", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private let telemetryPath: String
    private let query: PageQuery
    private let overview: ExporterOverview
    private let listing: BucketListing
    private let findings: [Finding]
    private let wording: Wording

    /// - Parameter query: the query of the request's target.
    package init(telemetryPath: String, query: Substring? = nil, overview: ExporterOverview) {
        self.telemetryPath = telemetryPath
        self.query = PageQuery(query)
        self.overview = overview
        listing = BucketListing(overview, self.query)
        findings = Finding.all(in: overview, listing.counts)
        wording = Wording(now: overview.date)
    }

    /// The page as a response.
    package var response: ListenerResponse {
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
            \(verdict)\(facts)\(accounts)\(buckets)\(CollectorTable(accounts: overview.accounts, wording: wording).html)\(links)</main>
            <footer><p>As of \(wording.clock(overview.date)). This page reloads every \
            \(text: String(Self.refreshInterval)) s.</p></footer>
            </body>
            </html>

            """
    }

    // MARK: Verdict

    private var verdict: HTML {
        guard let first = findings.first else {
            let total = listing.counts.total
            let buckets: HTML =
                switch total {
                case 0: overview.hasSeveralAccounts ? "The accounts have no buckets." : "The account has no buckets."
                case 1: "The only bucket is online."
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

    // MARK: Sections

    private var facts: HTML { Facts(overview: overview, listing: listing, wording: wording).html }

    private var accounts: HTML {
        overview.hasSeveralAccounts ? AccountTable(accounts: overview.accounts, wording: wording).html : ""
    }

    private var buckets: HTML {
        guard overview.accounts.contains(where: { $0.buckets != nil }) else { return "" }
        return BucketTable(listing: listing, query: query, wording: wording, namesAccounts: overview.hasSeveralAccounts).html
    }

    private var links: HTML {
        """
        <section aria-labelledby="links"><h2 id="links">Links</h2>
        <ul class="links">
        <li><a href="\(text: telemetryPath)">Metrics</a> for Prometheus, as text or OpenMetrics</li>
        <li><a href="\(text: ReservedPath.healthy.rawValue)">Health</a>: whether the exporter is running</li>
        <li><a href="\(text: ReservedPath.ready.rawValue)">Readiness</a>: whether the first refresh has finished</li>
        <li><a href="https://docs.flashback.tech" rel="noreferrer">Flashback’s documentation</a></li>
        </ul></section>

        """
    }
}
