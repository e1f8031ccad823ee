import HTTPListener
import HTTPTypes
import Testing

@testable import ExporterServer

@Suite struct LandingPageTests {
    private func html(_ page: LandingPage) -> String { String(decoding: page.response.body.flatMap { $0 }, as: UTF8.self) }

    @Test func itLeadsToEverything() {
        let page = LandingPage(telemetryPath: "/telemetry")
        #expect(page.response.status == .ok)
        #expect(page.response.headerFields[.contentType] == "text/html; charset=utf-8")
        for target in ["/telemetry", "/-/healthy", "/-/ready"] { #expect(html(page).contains("<a href=\"\(target)\">")) }
        #expect(html(page).contains(BuildInformation.version))
    }

    @Test func nothingMayRunInIt() {
        let fields = LandingPage(telemetryPath: "/metrics").response.headerFields
        #expect(
            fields[.contentSecurityPolicy]
                == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
        #expect(fields[.xContentTypeOptions] == "nosniff")
        #expect(!html(LandingPage(telemetryPath: "/metrics")).lowercased().contains("<script"))
    }

    @Test func itsValuesAreEscaped() {
        let page = html(LandingPage(telemetryPath: "/\"><script>alert('1')</script>&"))
        #expect(page.contains("href=\"/&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\""))
        #expect(!page.contains("<script"))
    }
}
