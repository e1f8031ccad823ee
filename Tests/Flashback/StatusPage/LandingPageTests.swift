import ExporterWeb
import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import FlashbackStatusPage

@Suite struct LandingPageTests {
    private let now = Date(timeIntervalSince1970: 1_705_314_600)  // 2024-01-15T10:30:00Z

    private func overview(
        _ buckets: [BucketOverview]? = [], change: (inout ExporterOverview.Account) -> Void = { _ in }
    ) -> ExporterOverview {
        ExporterOverview(date: now, accounts: [account(buckets, change: change)])
    }

    private func account(
        _ buckets: [BucketOverview]? = [], change: (inout ExporterOverview.Account) -> Void = { _ in }
    ) -> ExporterOverview.Account {
        var account = ExporterOverview.Account(
            api: .init(state: .reachable, since: now - 7500, address: "https://api.example.com"),
            token: .init(expiresAt: now + 3180, isRenewed: true),
            collectors: [
                CollectorOverview(
                    name: "buckets", hasRun: true, succeeded: true, lastSuccess: now - 12, duration: 0.034, servedFor: 150)
            ],
            buckets: buckets)
        change(&account)
        return account
    }

    private func html(_ overview: ExporterOverview, _ query: Substring? = nil, telemetryPath: String = "/metrics") -> String {
        let page = LandingPage(telemetryPath: telemetryPath, query: query, overview: overview)
        return String(decoding: page.response.body.bytes, as: UTF8.self).replacing("\u{A0}", with: " ")
    }

    /// The text of the page, without style and tags.
    private func words(_ overview: ExporterOverview, _ query: Substring? = nil) -> String {
        html(overview, query).replacing(/<style>[^<]*<\/style>/, with: "").replacing(/<[^>]*>/, with: "")
    }

    private func bucket(_ name: String, online: Int = 3, of total: Int = 3) -> BucketOverview {
        BucketOverview(
            id: "id of \(name)", name: name, description: "S3 · eu-west-1", listedStatus: .online,
            nodes: .init(
                online: online, total: total,
                away: (online..<total).map { .init(name: "203.0.113.\($0)", region: "east", status: .offline) }),
            nodesReadAt: now - 3, latency: 0.046, uptimeToday: 0.9998)
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
            $0.api = .init(
                state: .unreachable, since: now - 240, address: "https://api.example.com", problem: "GET /bucket: HTTP 500 <x>",
                pausedUntil: now + 20)
        }
        let page = html(down)
        #expect(page.contains("<title>The bucket list cannot be read – Flashback exporter</title>"))
        let text = words(down)
        #expect(
            text.contains("For 4 min: GET /bucket: HTTP 500 &lt;x&gt;. The last known buckets are too old to be shown."))
        #expect(text.contains("The API throttles the exporter. Requests resume in 20 s."))
        #expect(text.contains("not reachable"))
        #expect(!page.contains("id=\"buckets\""))
        // Collectors that fail with the API need no naming.
        let failing = overview([bucket("a")]) {
            $0.api.state = .unreachable
            $0.collectors[0].succeeded = false
        }
        #expect(!words(failing).contains("The collector"))
        #expect(words(failing).contains("The last known state of the buckets is shown."))
        #expect(words(failing).contains("1 of 1 reachable none needs attention, as last read"))
    }

    @Test func tokenExpiryIsShown() {
        #expect(words(overview { $0.token = .init() }).contains("All is well"))
        #expect(
            words(overview { $0.token = .init(expiresAt: now - 130, isRenewed: true, failedRenewals: 3) })
                .contains("✕ The access token has expired2 min ago. The exporter renews it and has failed 3 times so far."))
        #expect(
            words(overview { $0.token = .init(expiresAt: now + 300) })
                .contains("! The access token expires soonin 5 min. The exporter does not renew it: provide a new one."))
        #expect(words(overview { $0.token = .init(expiresAt: now + 300, isRenewed: true) }).contains("All is well"))
    }

    @Test func collectorsShowTheirAgeAndLatestError() {
        let text = words(
            overview {
                $0.collectors = [
                    CollectorOverview(
                        name: "status", hasRun: true, succeeded: false, lastSuccess: now - 125, duration: 1.25,
                        latestFailure: .init(date: now - 5, message: "GET /x: HTTP 502")),
                    CollectorOverview(name: "daily", hasRun: true, succeeded: true, lastSuccess: now - 500, servedFor: 420),
                    CollectorOverview(name: "totals", isOn: false), CollectorOverview(name: "yesterday"),
                    CollectorOverview(
                        name: "available", hasRun: true, succeeded: true, lastSuccess: now, failingBuckets: 1234),
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

    // MARK: The buckets

    @Test func unhealthyBucketsComeFirstWithTheirReasons() throws {
        var failing = bucket("failing")
        failing.failures = [.init(collector: "daily", message: "POST /x: HTTP 403")]
        var outdated = bucket("outdated")
        outdated.nodes = nil
        outdated.nodesReadAt = now - 600
        var unknown = bucket("unknown")
        unknown.listedStatus = .unknown(word: "ODD")
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
            date: now,
            accounts: [
                account([bucket("a"), bucket("b", online: 2)]) { $0.name = "prod" },
                account(nil) {
                    $0.name = "test"
                    $0.api = .init(
                        state: .unreachable, since: now - 240, address: "https://test.example.com",
                        problem: "GET /bucket: HTTP 500")
                    $0.token = .init(expiresAt: now + 300)
                    $0.collectors[0].succeeded = false
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
            date: now,
            accounts: ["one", "two"].map { name in
                account([bucket(name)]) {
                    $0.name = name
                    $0.token = .init()
                }
            })
        let text = words(well)
        #expect(text.contains("✓ All is wellAll 2 buckets are online."))
        #expect(text.contains("2 of 2 reachable one per account"))
        #expect(text.contains("expiry unknown of any account"))
        let empty = ExporterOverview(date: now, accounts: [account(), account()])
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
            var ill = bucket("", online: 0)
            ill.id = hostile()
            ill.name = hostile()
            ill.description = hostile()
            ill.listedStatus = .unknown(word: hostile())
            ill.nodes = .init(
                online: 0, total: 2,
                away: [
                    .init(name: hostile(), region: hostile(), status: .unknown(word: hostile())),
                    .init(name: hostile(), region: nil, status: nil),
                ])
            ill.failures = [.init(collector: hostile(), message: hostile())]
            let hostileAccount = account([ill]) {
                $0.name = hostile()
                $0.api.address = hostile()
                $0.api.problem = hostile()
                $0.token.expiresAt = now - 1
                $0.collectors[0].latestFailure = .init(date: now, message: hostile())
            }
            let page = html(
                ExporterOverview(
                    date: now, accounts: Array(repeating: hostileAccount, count: Int.random(in: 1...2, using: &generator))),
                "q=%22%3E%3Cscript%3E")
            #expect(
                page.matches(of: /<\/?([a-z0-9]+)/.matchingSemantics(.unicodeScalar)).allSatisfy {
                    Self.elements.contains(String($0.1))
                })
            #expect(page.matches(of: /<style>/).count == 1 && page.matches(of: /<\/style>/).count == 1)
            // Only what this program writes ends a line.
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
            var blank = bucket("x")
            blank.name = name
            #expect(html(overview([blank])).contains(">id of x</bdi>"))
        }
    }

    @Test func longNameIsTruncated() {
        var long = bucket("x")
        long.name = String(repeating: "y", count: 10_000)
        let page = html(overview([long]))
        #expect(page.contains(String(repeating: "y", count: 120) + "…"))
        #expect(!page.contains(String(repeating: "y", count: 121)))
    }
}
