import Basics
import Exposition
import Foundation
import HTTPTypes
import NIOHTTP1

@testable import ExporterWeb
@testable import FlashbackAPI
@testable import FlashbackStatusPage
@testable import HTTPServer

extension FuzzTarget {
    /// The header fields `Accept` and `Accept-Encoding`, one on each line.
    static let negotiation = FuzzTarget(
        "negotiation",
        seeds: [
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2\ngzip",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/*\n*;q=0",
            #"text/plain; a="b;c,\"d"; Q=1.000, , ;q=, TEXT/PLAIN;q=nan;q=inf;q=-0"# + "\nx-gzip;q=0.5, identity;q=1e-3, br",
            "*/*\ngzip;q=0,*;q=1",
        ], longestInput: 64 * 1024
    ) { input throws(BrokenPromise) in
        let lines = lines(of: input, count: 2)
        let format = ExpositionFormat.negotiated(accept: lines[0])
        _ = format.contentType
        _ = ContentCoding.negotiated(acceptEncoding: lines[1])
        for element in AcceptEntry.elements(of: lines[0]) {
            try promise((0...1).contains(element.weight), "the weight \(element.weight)")
        }
    }

    /// A request's target, `Host` and time-out, one on each line, and the interpretation of the target's query.
    static let requests = FuzzTarget(
        "requests",
        seeds: [
            "/metrics?collect[]=status&name[]=flashback_up&account[]=a\nexporter.example:9750\n9.5",
            "/metrics?exclude%5B%5D=sizes&workspace_id[]=w%20%F0%9F%AA%A3&name[]=%00%0A\n[::1]:9750\n-1",
            "/?page=2&q=caf%C3%A9+%2&page=9223372036854775808\n\nnan", "*\na", "HTTP://a.example?x\n[1::2]\n1e999",
            "https://[fe80::1%25eth0]:1/bucket/b/status?bucketId=a,b&startDate=1062024&limit=100\n~\n0x1p3",
            "/v2/stats/storage?scope=org&window=24h&workspaceId=&=&&a=b=c\n127.0.0.1:\n86399.999", "/bucket?%\n:\n.5",
        ], longestInput: 64 * 1024
    ) { input throws(BrokenPromise) in
        let lines = lines(of: input, count: 3)
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: lines[0])
        head.headers.add(name: "Host", value: lines[1])
        head.headers.add(name: "X-Prometheus-Scrape-Timeout-Seconds", value: lines[2])
        guard let request = try? RequestHead(head, ListenerConfiguration()).request else { return }
        try promise(request.path.map { $0.hasPrefix("/") || $0 == "*" } ?? false, "not in origin form: \(request.path ?? "nil")")
        let timeout = ScrapeTimeout(maximum: .seconds(60)).timeout(of: request)
        try promise((.zero ... .seconds(60)).contains(timeout), "a time-out of \(timeout)")
        let query = ListenerRequest(head: request).query
        do throws(InvalidSelection) {
            _ = try selection.filter(QueryParameters(query))
        } catch {
            try promiseOneLine(error.description)
        }
        let page = PageQuery(query)
        try promise(PageQuery(page.link(toPage: page.page).dropFirst()) == page, "the link to a page leads to another")
        var pseudonyms = Pseudonyms()
        let recorded = RecordedTarget(.get, (request.path ?? "")[...], &pseudonyms)
        try promise(recorded.path.hasPrefix("/"), "recorded as \(recorded.path)")
        try promise((recorded.path + recorded.query).utf8.allSatisfy { (0x21...0x7E).contains($0) }, "recorded unencoded")
    }

    /// The header field `Authorization`, and a token of the API.
    static let credentials = FuzzTarget(
        "credentials",
        seeds: [
            "Basic dXNlcjpwYXNzd29yZA==", "basic  OjpA", "BASIC AAAA:", "Bearer abc", "Basic w7w6", "Basic dXNlcg",
            "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MTcyMDAwMDB9.c2ln", "a.eyJleHAiOi0xZTMwOH0.b", "a.eyJleHAiOiJ4In0.b\n", "..",
            "a.W10.",
        ], longestInput: 64 * 1024
    ) { input throws(BrokenPromise) in
        let text = String(decoding: input, as: UTF8.self)
        if let credentials = BasicCredentials(authorization: text) {
            try promise(!credentials.name.contains(UInt8(ascii: ":")), "a user name with a colon")
            try promise(credentials.name.count + credentials.password.count < text.utf8.count, "longer than encoded")
        }
        let token: AccessToken
        do {
            token = try AccessToken(parsing: text)
        } catch {
            return try promiseOneLine("\(error)")
        }
        let years = Date(timeIntervalSince1970: 0)..<Date(timeIntervalSince1970: 253_402_300_800)
        try promise(token.expiresAt.map(years.contains) ?? true, "expires in an impossible year")
    }

    private static let selection = ScrapeSelection(
        collectors: ["status", "totals"], families: [MetricFamily("flashback_up", .gauge, help: "Up.")],
        accounts: ["a", "b"], workspaceIDs: ["w"])
}
