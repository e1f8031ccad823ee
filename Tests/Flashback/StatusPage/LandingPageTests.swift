import Basics
import ExporterWeb
import FlashbackAPI
import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import FlashbackCollectors
@testable import FlashbackStatusPage

@Suite struct LandingPageTests {
    private let now = Date(timeIntervalSince1970: 1_705_314_600)  // 2024-01-15T10:30:00Z

    private func overview(
        _ buckets: [BucketSummary]? = [], change: (inout ExporterOverview.Account) -> Void = { _ in }
    ) -> ExporterOverview {
        ExporterOverview(accounts: [account(buckets, change: change)])
    }

    private func account(
        _ buckets: [BucketSummary]? = [], change: (inout ExporterOverview.Account) -> Void = { _ in }
    ) -> ExporterOverview.Account {
        var list = CollectorReport.make("buckets", lastSuccess: now - 12, since: now - 7500, duration: 0.034, servedFor: 150)
        list.lastSuccess = now - 12
        var account = ExporterOverview.Account(
            name: nil, address: "https://api.example.com",
            overview: AccountOverview(
                date: now, list: list, collectors: [.init(name: "buckets", report: list)], buckets: buckets,
                token: AccessTokenReport(expiresAt: now + 3180, renewals: .init())))
        change(&account)
        return account
    }

    /// A bucket list that has not been readable for four minutes.
    private func unreachable(_ problem: String) -> CollectorReport {
        .make("buckets", succeeded: false, since: now - 240, latestFailure: .init(message: problem, date: now))
    }

    private func html(_ overview: ExporterOverview, _ query: Substring? = nil, telemetryPath: String = "/metrics") -> String {
        let page = LandingPage(telemetryPath: telemetryPath, query: query, overview: overview)
        return String(decoding: page.response.body.bytes, as: UTF8.self).replacing("\u{A0}", with: " ")
    }

    /// The text of the page, without style and tags.
    private func words(_ overview: ExporterOverview, _ query: Substring? = nil) -> String {
        html(overview, query).replacing(/<style>[^<]*<\/style>/, with: "").replacing(/<[^>]*>/, with: "")
    }

    private func bucket(_ name: String, online: Int = 3, of total: Int = 3) -> BucketSummary {
        .make(
            "id of \(name)", name: name,
            nodes: .make(
                online: online,
                away: (online..<total).map { .init(node: "203.0.113.\($0)", region: "east", status: .offline) }, latency: 0.046),
            nodesReadAt: now - 3, uptimeToday: 0.9998)
    }

    // MARK: The response

    @Test func linksToEveryEndpoint() {
        let page = html(overview(), telemetryPath: "/telemetry")
        for target in ["/telemetry", "/-/healthy", "/-/ready"] { #expect(page.contains("<a href=\"\(target)\">")) }
        #expect(page.contains(BuildInformation.version))
    }

    @Test func forbidsScriptsAndCaching() throws {
        let response = LandingPage(telemetryPath: "/metrics", overview: overview()).response
        let fields = response.headerFields
        #expect(response.status == .ok)
        #expect(fields[.contentType] == "text/html; charset=utf-8")
        #expect(
            fields[.contentSecurityPolicy]
                == "default-src 'none'; style-src \(PageStyle.source); form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        #expect(fields[.xContentTypeOptions] == "nosniff")
        #expect(fields[.cacheControl] == "no-store")
        #expect(fields[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
        let page = html(overview()).lowercased()
        for forbidden in ["<script", "javascript:", " style=", "src="] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        #expect(page.contains("<meta http-equiv=\"refresh\" content=\"30\">"))
        #expect(page.contains("<html lang=\"en\">"))
    }

    // MARK: The verdict

    @Test func reportsAHealthyAccount() {
        let text = words(overview([bucket("a"), bucket("b")]))
        #expect(text.contains("All is well"))
        #expect(text.contains("All 2 buckets are online."))
        #expect(text.contains("2 of 2 reachable"))
        #expect(text.contains("reachable for 2 h, https://api.example.com"))
        #expect(text.contains("expires in 53 min renewed by the exporter"))
        #expect(text.contains("1 of 1 good no failures"))
        #expect(words(overview([])).contains("The account has no buckets."))
    }

    @Test func unreachableAPIComesFirst() {
        let down = overview(nil) {
            $0.overview.list = unreachable("GET /bucket: HTTP 500 <x>")
            $0.overview.pauseEnd = now + 20
        }
        let page = html(down)
        #expect(page.contains("<title>The bucket list cannot be read – Flashback exporter</title>"))
        let text = words(down)
        #expect(
            text.contains("For 4 min: GET /bucket: HTTP 500 &lt;x&gt;. The last known buckets are too old to be shown."))
        #expect(text.contains("The API throttles the exporter. Requests resume in 20 s."))
        #expect(text.contains("not reachable"))
        #expect(!page.contains("id=\"buckets\""))
        // Collectors that fail together with the API are not listed separately.
        let failing = overview([bucket("a")]) {
            $0.overview.list = unreachable("GET /bucket: HTTP 500")
            $0.overview.collectors[0].report = unreachable("GET /bucket: HTTP 500")
        }
        #expect(!words(failing).contains("The collector"))
        #expect(words(failing).contains("The last known state of the buckets is shown."))
        #expect(words(failing).contains("1 of 1 reachable none needs attention, as last read"))
    }

    @Test func tokenExpiryIsShown() {
        #expect(words(overview { $0.overview.token = .init() }).contains("All is well"))
        #expect(
            words(overview { $0.overview.token = .init(expiresAt: now - 130, renewals: renewals(failed: 3)) })
                .contains("✕ The access token has expired2 min ago. The exporter renews it and has failed 3 times so far."))
        #expect(
            words(overview { $0.overview.token = .init(expiresAt: now + 300) })
                .contains("! The access token expires soonin 5 min. The exporter does not renew it: provide a new one."))
        #expect(words(overview { $0.overview.token = .init(expiresAt: now + 300, renewals: .init()) }).contains("All is well"))
    }

    private func renewals(failed: Int64) -> AccessTokenReport.Renewals {
        var renewals = AccessTokenReport.Renewals()
        renewals.failed = failed
        return renewals
    }

    @Test func collectorsShowTheirAgeAndLatestError() {
        let text = words(
            overview {
                $0.overview.collectors = [
                    .init(
                        name: "status",
                        report: .make(
                            "status", lastSuccess: now - 125, succeeded: false, duration: 1.25,
                            latestFailure: .init(message: "GET /x: HTTP 502", date: now - 5))),
                    .init(name: "daily", report: .make("daily", lastSuccess: now - 500, servedFor: 420)),
                    .init(name: "totals"), .init(name: "yesterday", report: .make("yesterday", hasRun: false)),
                    .init(name: "available", report: .make("available", lastSuccess: now), failingBuckets: 1234),
                ]
            })
        #expect(text.contains("The collector status failsIt last succeeded 2 min ago."))
        #expect(text.contains("The collector daily is stale. It last succeeded 8 min ago."))
        #expect(text.contains("statuslatest error, 5 s ago: GET /x: HTTP 502failing2 min ago1.3 s"))
        #expect(text.contains("totalsoff––"))
        #expect(text.contains("yesterdaypending––"))
        #expect(text.contains("fails for 1,234 buckets"))
        #expect(text.contains("0 of 4 good 1 off, 1 pending, 1 failing, 1 stale, 1 partly failing"))
    }

    @Test func problemsOfTheAccountAreShown() {
        let text = words(
            overview {
                $0.overview.account.hasSubscription = false
                $0.overview.account.quotas = [
                    .init(capability: "STORAGE_TOTAL_BYTES", usedRatio: 1.2, isInBytes: true),
                    .init(capability: "BUCKETS", usedRatio: 1, isInBytes: false),
                    .init(capability: "EGRESS_MONTHLY_BYTES", usedRatio: 0.805, isInBytes: true),
                    .init(capability: "OTHER", usedRatio: 0.8, isInBytes: false),
                ]
                $0.overview.account.credits = 0
                $0.overview.account.disabledRepositories = ["a<b", "c", "d", "e", "f", "g"]
            })
        #expect(text.contains("✕ The quota STORAGE_TOTAL_BYTES is used up"))
        #expect(text.contains("The credits are used up. The balance is 0."))
        #expect(text.contains("The account has no active subscription."))
        #expect(text.contains("The quota BUCKETS is used up. The API may refuse to create more."))
        #expect(text.contains("The quota EGRESS_MONTHLY_BYTES is almost used up. 80.5 % of it are used."))
        #expect(!text.contains("OTHER"))
        #expect(text.contains("6 repositories are disabled. a&lt;b, c, d, e, f, and 1 more."))
        #expect(words(overview { $0.overview.account.credits = 1 }).contains("All is well"))
    }

    // MARK: The buckets

    @Test func unhealthyBucketsComeFirstWithTheirReasons() throws {
        var failing = bucket("failing")
        failing.failures = [.init(collector: "daily", message: "POST /x: HTTP 403")]
        var outdated = bucket("outdated")
        outdated.nodes = nil
        outdated.nodesReadAt = now - 600
        let unknown = BucketSummary.make("u", name: "unknown", listedStatus: .unknown(word: "ODD"), nodes: .make(online: 3))
        let buckets = [
            bucket("well"), unknown, outdated, failing, bucket("degraded", online: 2), bucket("Unreachable", online: 0),
            bucket("Also well"),
        ]
        let text = words(overview(buckets))
        let names = ["Unreachable", "degraded", "failing", "outdated", "unknown", "Also well", "well"]
        let places = try names.map { name in try #require(text.firstRange(of: "\n\(name)S3 · eu-west-1")).lowerBound }
        #expect(places == places.sorted())
        #expect(text.contains("✕ 1 of 7 buckets is unreachableNo node is online."))
        #expect(text.contains("1 of 7 buckets is degraded."))
        #expect(text.contains("6 of 7 reachable 5 need attention"))
        #expect(text.contains("offline: 203.0.113.0 (east), 203.0.113.1 (east), 203.0.113.2 (east)unreachable0 of 346 ms99.98 %"))
        #expect(text.contains("offline: 203.0.113.2 (east)degraded2 of 3"))
        #expect(text.contains("S3 · eu-west-1collector daily: POST /x: HTTP 403failing reads3 of 3"))
        #expect(text.contains("bucket list: onlinenodes last read 10 min agoold data–"))
        #expect(text.contains("bucket list: “ODD”unknown3 of 3"))
    }

    @Test func manyNodesAndErrorsAreTruncated() {
        var ill = bucket("ill", online: 0, of: 500)
        ill.failures = (0..<50).map { .init(collector: "c\($0)", message: String(repeating: "x", count: 5000)) }
        let page = html(overview([ill]))
        #expect(page.contains("and 496 nodes more"))
        #expect(page.utf8.count < 25_000)
    }

    @Test func pagesAreLinkedAndKeepTheSearch() {
        let buckets = (0..<250).map { bucket("b \($0 + 1000)") }
        let first = html(overview(buckets))
        #expect(first.contains("Page 1 of 3"))
        #expect(first.contains("1–100 of 250"))
        #expect(first.contains("<a href=\"?page=2\">Next</a>"))
        #expect(first.contains("<a role=\"link\" aria-disabled=\"true\">Previous</a>"))
        #expect(first.contains(">b 1099</bdi>") && !first.contains(">b 1100</bdi>"))
        let last = html(overview(buckets), "page=99")
        #expect(last.contains("201–250 of 250"))
        #expect(last.contains("<a href=\"?page=2\">Previous</a>"))
        #expect(last.contains(">b 1249</bdi>") && !last.contains(">b 1199</bdi>"))
        let found = html(overview(buckets), "q=B+1&page=2")
        #expect(found.contains("value=\"B 1\""))
        #expect(found.contains("250 of 250 buckets match"))
        #expect(found.contains("<a href=\"?page=3&amp;q=B%201\">Next</a>"))
        #expect(!html(overview(buckets), "q=1249").contains("<nav"))
        #expect(words(overview(buckets), "q=1249").contains("1 of 250 buckets matches"))
        #expect(words(overview(buckets), "q=nothing").contains("0 of 250 buckets match"))
        #expect(words(overview(buckets), "q=id+of+b+1007").contains("\nb 1007S3"))
    }

    @Test func tenThousandBucketsShowAHundredRows() {
        let buckets = (0..<10_000).map { bucket("bucket \($0)", online: $0 % 1000 == 7 ? 0 : 3) }
        let page = html(overview(buckets))
        #expect(page.matches(of: /<td role="cell"><b class="bad">unreachable/).count == 10)
        #expect(page.matches(of: /<th role="rowheader" scope="row"><div><bdi/).count == 100)
        #expect(page.contains("9,990 of 10,000 reachable"))
        #expect(page.utf8.count < 80_000)
    }

    // MARK: Several accounts

    /// A healthy account, and one whose API is down.
    private var two: ExporterOverview {
        ExporterOverview(
            accounts: [
                account([bucket("a"), bucket("b", online: 2)]) { $0.name = "prod" },
                account(nil) {
                    $0.name = "test"
                    $0.address = "https://test.example.com"
                    $0.overview.list = unreachable("GET /bucket: HTTP 500")
                    $0.overview.token = .init(expiresAt: now + 300)
                    $0.overview.collectors[0].report = .make("buckets", lastSuccess: now - 12, succeeded: false)
                },
            ])
    }

    @Test func severalAccountsAreLabelled() {
        let text = words(two)
        #expect(text.contains("✕ test: The bucket list cannot be readFor 4 min: GET /bucket: HTTP 500. The last known"))
        #expect(text.contains("test: The access token expires soon. in 5 min. The exporter does not renew it"))
        #expect(text.contains("1 of 2 buckets is degraded."))
        #expect(text.contains("1 of 2 reachable 1 not reachable"))
        #expect(text.contains("expires in 5 min the first, of test, not renewed by the exporter"))
        #expect(text.contains("2 of 2 reachable 1 needs attention, unknown for 1 account"))
        #expect(text.contains("1 of 2 good 1 failing"))
        #expect(text.contains("prodhttps://api.example.comreachablein 53 min2 of 21 of 1"))
        #expect(text.contains("testhttps://test.example.comGET /bucket: HTTP 500not reachablein 5 min–0 of 1"))
        #expect(text.contains("aprod · S3 · eu-west-1online"))
        #expect(text.contains("bucketsprodgood") && text.contains("bucketstestlatest error") == false)
        #expect(text.contains("bucketstestfailing"))
        #expect(!html(overview([bucket("a")])).contains("id=\"accounts\""))
        #expect(html(two).contains("<title>test: The bucket list cannot be read – Flashback exporter</title>"))
    }

    @Test func bucketsAreFoundByTheirAccount() {
        #expect(words(two, "q=PROD").contains("2 of 2 buckets match"))
        #expect(words(two, "q=test").contains("0 of 2 buckets match"))
    }

    @Test func verdictCoversAllAccounts() {
        let well = ExporterOverview(
            accounts: ["one", "two"].map { name in
                account([bucket(name)]) {
                    $0.name = name
                    $0.overview.token = .init()
                }
            })
        let text = words(well)
        #expect(text.contains("✓ All is wellAll 2 buckets are online."))
        #expect(text.contains("2 of 2 reachable one per account"))
        #expect(text.contains("expiry unknown of any account"))
        let empty = ExporterOverview(accounts: [account(), account()])
        #expect(words(empty).contains("All is wellThe accounts have no buckets."))
    }

    // MARK: Hostile texts

    @Test(arguments: 1...5)
    func textIsEscaped(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func hostile() -> String {
            ["<script>x()</script>", "\"><img src=x>", "'", "&lt;", "</style>", ""].randomElement(using: &generator)!
                + HostileText.random(using: &generator)
        }
        for _ in 0..<20 {
            let ill = BucketSummary.make(
                hostile(), name: hostile(), listedStatus: .unknown(word: hostile()),
                nodes: .make(
                    online: 0,
                    away: [
                        .init(node: .init(hostile()), region: hostile(), status: .unknown(word: hostile())),
                        .init(node: .init(hostile()), region: nil, status: nil),
                    ]),
                failures: [.init(collector: hostile(), message: hostile())], region: hostile())
            let hostileAccount = account([ill]) {
                $0.name = hostile()
                $0.address = hostile()
                $0.overview.list = unreachable(hostile())
                $0.overview.token.expiresAt = now - 1
                $0.overview.collectors[0].report?.latestFailure = .init(message: hostile(), date: now)
            }
            let page = html(
                ExporterOverview(accounts: Array(repeating: hostileAccount, count: Int.random(in: 1...2, using: &generator))),
                "q=%22%3E%3Cscript%3E")
            #expect(
                page.matches(of: /<\/?([a-z0-9]+)/.matchingSemantics(.unicodeScalar)).allSatisfy {
                    Self.elements.contains(String($0.1))
                })
            #expect(page.matches(of: /<style>/).count == 1 && page.matches(of: /<\/style>/).count == 1)
            // All line breaks come from this program.
            #expect(!page.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        }
    }

    private static let elements: Set<String> = [
        "html", "head", "meta", "title", "style", "body", "header", "h1", "p", "code", "main", "section", "h2", "ul", "li",
        "strong",
        "dl", "div", "dt", "dd", "small", "span", "a", "form", "label", "input", "button", "table", "thead", "tbody", "tr", "th",
        "td",
        "b", "bdi", "q", "nav", "time", "footer",
    ]

    @Test func invisibleNameIsReplacedByTheIdentifier() {
        for name in ["", " ", "\u{200B}\u{FEFF}", "\u{2028}"] {
            #expect(html(overview([.make("id of x", name: name)])).contains(">id of x</bdi>"))
        }
    }

    @Test func longNameIsTruncated() {
        let page = html(overview([bucket(String(repeating: "y", count: 10_000))]))
        #expect(page.contains(String(repeating: "y", count: 120) + "…"))
        #expect(!page.contains(String(repeating: "y", count: 121)))
    }
}
