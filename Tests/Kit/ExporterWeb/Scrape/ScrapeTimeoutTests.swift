import HTTPTypes
import Testing

@testable import ExporterWeb

@Suite struct ScrapeTimeoutTests {
    private func timeout(_ header: String?, _ timeout: ScrapeTimeout = ScrapeTimeout()) -> Duration {
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/metrics")
        if let header, let name = HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds") { request.headerFields[name] = header }
        return timeout.timeout(of: request)
    }

    @Test(
        arguments: [
            ("5", .milliseconds(4500)), ("10", .milliseconds(9500)), ("10.5", .seconds(10)), ("30", .milliseconds(29_500)),
            ("120", .milliseconds(119_500)), ("120.5", .seconds(120)),
            ("0.5", .zero),
            ("0.25", .zero), ("0.75", .milliseconds(250)), ("1e1", .milliseconds(9500)), ("0.0001", .zero),
        ] as [(String, Duration)])
    func timeoutIsTheHeaderLessTheOffset(_ header: String, _ expected: Duration) {
        #expect(timeout(header) == expected)
    }

    @Test(arguments: [nil, "", "0", "-1", "abc", "nan", "inf", "-inf", "1e300", "86400", "5s", "1,5"])
    func invalidHeaderIsIgnored(_ header: String?) {
        #expect(timeout(header) == .seconds(10))
    }

    @Test func configuredTimeoutBoundsTheHeader() {
        let configured = ScrapeTimeout(maximum: .seconds(60), offset: .seconds(2))
        #expect(timeout("30", configured) == .seconds(28))
        #expect(timeout("63", configured) == .seconds(60))
        #expect(timeout(nil, configured) == .seconds(60))
        #expect(timeout("1", configured) == .zero)
        #expect(timeout("30", ScrapeTimeout(maximum: .seconds(60), offset: .zero)) == .seconds(30))
    }

    /// A request occupies a place while it waits, so without a configured maximum no client may choose any duration.
    @Test(arguments: ["121", "300", "86399"]) func headerAloneGetsAtMostTwoMinutes(_ header: String) {
        #expect(timeout(header) == .seconds(120))
        #expect(timeout(header, ScrapeTimeout(maximum: .seconds(100_000), offset: .zero)) == .seconds(Int64(header) ?? 0))
    }

    @Test func headerNameIsCaseInsensitive() throws {
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/metrics")
        let name = try #require(HTTPField.Name("x-prometheus-scrape-timeout-seconds"))
        request.headerFields[name] = "3"
        #expect(ScrapeTimeout().timeout(of: request) == .milliseconds(2500))
    }
}
