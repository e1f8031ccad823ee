import FlashbackSimulator
import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct LandingPageTests {
    @Test func browserRendersThePageWithoutErrors() async throws {
        try await FlashbackSimulator.serving(.small(buckets: 5)) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let visit = try await Chromium.visit(exporter.url("/"))
                #expect(visit.console == [])
                #expect(visit.document.contains("1 of 5 buckets is unreachable"))
                #expect(visit.document.contains("4 of 5 reachable"))
                #expect(visit.document.contains("http-equiv=\"refresh\""))
                for collector in ["buckets", "available", "totals", "quota", "status", "daily", "yesterday"] {
                    #expect(visit.document.contains("scope=\"row\">\(collector)"))
                }
            }
        }
    }

    @Test func contentSecurityPolicyAllowsTheStyleByItsHash() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let answer = try await exporter.send("GET", "/")
                let start = try #require(answer.body.firstRange(of: Data("<style>".utf8))).upperBound
                let end = try #require(answer.body.firstRange(of: Data("</style>".utf8))).lowerBound
                let digest = try await RunningProcess.finished(
                    try Program.openssl(), ["dgst", "-sha256", "-binary"], input: answer.body[start..<end])
                let source = "'sha256-\(digest.output.base64EncodedString())'"
                let policy = try #require(answer.fields["content-security-policy"])
                #expect(policy.contains("style-src \(source);"), "PageStyle.source must be \"\(source)\"")
            }
        }
    }

    @Test func headIsAnsweredLikeGetAndNotCached() async throws {
        try await FlashbackSimulator.serving(.small()) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let head = try await exporter.send("HEAD", "/?page=2&q=x")
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
                #expect(head.fields["content-type"] == "text/html; charset=utf-8")
                #expect(head.fields["cache-control"] == "no-store")
                #expect(Int(head.fields["content-length"] ?? "") ?? 0 > 5000)
            }
        }
    }

    @Test(arguments: [320, 390, 720, 1280])
    func pageFitsEveryWindowWidth(_ width: Int) async throws {
        let simulation = FlashbackSimulation.small(buckets: 2)
        let names =
            UnusualNameTests.names + [
                String(repeating: "W", count: 300), "a" + String(repeating: "\u{301}", count: 3000), "\u{202E}\u{2066}turned",
            ]
        for name in names { simulation.setStatus("OFFLINE", ofBucket: simulation.createBucket(name: name, region: name)) }
        simulation.setStatus(String(repeating: "ODD", count: 200), ofNode: simulation.nodes[0].ip)
        simulation.faults.add(.status(403), to: .dailyStats)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let page = try await exporter.send("GET", "/").text
                let directory = try TemporaryDirectory()
                // Exempt from the policy, so that the page can be measured.
                let script = """
                    <script>document.title = [innerWidth, document.documentElement.scrollWidth].join(" ")</script>
                    """
                let file = try directory.write(page.replacing("</body>", with: script + "</body>"), to: "page.html")
                let visit = try await Chromium.visit("file://\(file)", width: width)
                #expect(visit.document.contains("<title>\(width) \(width)</title>"), "\(visit.document.prefix(400))")
            }
        }
    }

    @Test func namesAreEscaped() async throws {
        let simulation = FlashbackSimulation.small(buckets: 0)
        let names = [
            "</bdi></th></table><script>document.title='taken'</script>", "\"><img src=x onerror=\"document.title='taken'\">",
            "<style>*{display:none}</style>", "<!--", "<plaintext>", "</title><h1>taken</h1>",
        ]
        for name in names { _ = simulation.createBucket(name: name, region: name) }
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url) { exporter in
                let query = "?q=%22%3E%3Cscript%3Edocument.title%3D%27taken%27%3C%2Fscript%3E"
                for path in ["/", "/" + query] {
                    // Some browsers write "<" in an attribute's value unescaped.
                    let document = try await Chromium.visit(exporter.url(path)).document
                        .replacing(/value="[^"]*"/, with: "")
                    #expect(!document.contains("<title>taken"))
                    for element in ["<script", "<img", "<plaintext", "<h1>taken", "<!--"] { #expect(!document.contains(element)) }
                    #expect(document.matches(of: /<style>/).count == 1)
                    #expect(document.contains("</html>"))
                }
                let document = try await Chromium.visit(exporter.url("/")).document
                for name in names {
                    let escaped = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")]
                        .reduce(name) { $0.replacing($1.0, with: $1.1) }
                    #expect(document.contains(">\(escaped)</bdi>"), "\(name)")
                }
            }
        }
    }

    @Test(arguments: [401, 403, 500])
    func secretsInAPIErrorsAreNotShown(status: Int) async throws {
        let simulation = FlashbackSimulation.small {
            $0.staticToken = SecretTests.token
            $0.canary = SecretTests.credential
            $0.dialect.clientFields = true
        }
        let secrets = simulation.secrets + [SecretTests.token, SecretTests.credential]
        let words = "Bearer \(SecretTests.token), credentials \(simulation.secrets.prefix(3).joined(separator: " "))"
        let error = SimulatedFault.body(Array("{\"success\":false,\"message\":\"\(words)\"}".utf8), status: status)
        for endpoint in [SimulatedEndpoint.bucketStatus, .dailyStats, .bucketTotals] {
            simulation.faults.add(error, to: endpoint)
        }
        try await FlashbackSimulator.serving(simulation) { simulator in
            let arguments = ["--cache.ttl", "0s"]
            try await RunningExporter.running(simulator.url, arguments, token: SecretTests.token) { exporter in
                var page = try await exporter.send("GET", "/").text
                // The errors occur: the page would show their text if it showed any.
                #expect(page.contains("GET /bucket/{bucketId}/status: HTTP \(status)"))
                simulation.faults.add(error, to: .listBuckets)
                page += try await exporter.send("GET", "/").text
                #expect(page.contains("GET /bucket: HTTP \(status)"))
                for secret in secrets { #expect(!page.contains(secret), "\(secret)") }
                #expect(!page.contains("Bearer"))
            }
        }
    }

    @Test func outageIsReportedFirstAndClearsAfterwards() async throws {
        let simulation = FlashbackSimulation.small()
        simulation.setOutage(.unavailable)
        try await FlashbackSimulator.serving(simulation) { simulator in
            try await RunningExporter.running(simulator.url, ["--cache.ttl", "0s"]) { exporter in
                try await eventually("the page reports the outage") {
                    try await exporter.send("GET", "/").text.contains("<h2>✕ The bucket list cannot be read</h2>")
                }
                simulation.setOutage(nil)
                try await eventually("the page reports its end") {
                    try await exporter.send("GET", "/").text.contains("2 of 3 reachable")
                }
            }
        }
    }
}
