import ExporterWeb
import Exposition
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@Suite struct NegotiationTests {
    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let text1 = "text/plain; version=1.0.0; charset=utf-8"
    private static let openMetrics0 = "application/openmetrics-text; version=0.0.1; charset=utf-8"
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    /// The media type in Prometheus' requests.
    private static let protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    private static let messages =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

    private static let textBody = """
        # HELP demo_info A demonstration, always 1.
        # TYPE demo_info gauge
        demo_info{name="photos \\"2024\\""} 1
        # HELP demo_bytes_total Bytes.
        # TYPE demo_bytes_total counter
        demo_bytes_total 9007199254740993

        """
    private static let openMetricsBody = """
        # HELP demo A demonstration, always 1.
        # TYPE demo info
        demo_info{name="photos \\"2024\\""} 1
        # HELP demo_bytes Bytes.
        # TYPE demo_bytes counter
        # UNIT demo_bytes bytes
        demo_bytes_total 9007199254740993
        # EOF

        """

    private func ask(_ fields: HTTPFields) async -> ListenerResponse {
        let families = [
            MetricFamily("demo_info", .info, help: "A demonstration, always 1.", labelNames: ["name"]),
            MetricFamily("demo_bytes_total", .counter, unit: .bytes, help: "Bytes."),
        ]
        let snapshot = MetricSnapshot([
            RenderedFamily(family: families[0], lines: Array("demo_info{name=\"photos \\\"2024\\\"\"} 1\n".utf8)),
            RenderedFamily(family: families[1], lines: Array("demo_bytes_total 9007199254740993\n".utf8)),
        ])
        let responder = ExporterResponder(
            selection: ScrapeSelection(collectors: [], families: families), isReady: { true }, page: aPage,
            sources: .of { _, _ in snapshot })
        // Without the exporter's own families, whose values always change.
        return await responder.respond(
            to: ListenerRequest(
                head: HTTPRequest(
                    method: .get, scheme: nil, authority: nil, path: "/metrics?name[]=demo_info&name[]=demo_bytes_total",
                    headerFields: fields)))
    }

    private func expect(
        accept: String?, is contentType: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        var fields = HTTPFields()
        fields[.accept] = accept
        let response = await ask(fields)
        #expect(response.headerFields[.contentType] == contentType, sourceLocation: sourceLocation)
        #expect(response.headerFields[.vary] == "Accept, Accept-Encoding", sourceLocation: sourceLocation)
        if contentType.hasPrefix(Self.messages) {
            let messages = try? ParsedMessages(response.body.bytes)
            #expect(messages?.families.map(\.name) == ["demo_info", "demo_bytes_total"], sourceLocation: sourceLocation)
            return
        }
        let body = String(decoding: response.body.bytes, as: UTF8.self)
        #expect(
            body == (contentType.hasPrefix("text/plain") ? Self.textBody : Self.openMetricsBody), sourceLocation: sourceLocation)
    }

    @Test(
        arguments: [
            // 2.42
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                openMetrics
            ),
            (
                "\(protobuf),application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                messages
            ),
            // 2.55: by default, with protobuf first, with the feature utf8-names, and restricted to one format
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                openMetrics
            ),
            (
                "\(protobuf);q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                messages
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
                "\(openMetrics); escaping=allow-utf-8"
            ),
            ("text/plain;version=0.0.4;q=0.5,*/*;q=0.4", text),
            ("application/openmetrics-text;version=0.0.1;q=0.5,*/*;q=0.4", openMetrics0),
            ("\(protobuf);q=0.5,*/*;q=0.4", messages),
            // 3.0, which names the escaping of the text format twice
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
                "\(openMetrics); escaping=allow-utf-8"
            ),
            (
                "text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.6,*/*;q=0.5",
                "\(text1); escaping=allow-utf-8"
            ),
            // 3.3
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
                "\(openMetrics); escaping=allow-utf-8"
            ),
            // 3.5: by default, with another escaping scheme, and with protobuf first
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                "\(openMetrics); escaping=allow-utf-8"
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                "\(openMetrics); escaping=underscores"
            ),
            (
                "\(protobuf);q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                messages
            ),
            // 3.0 with protobuf first, for which it also names an escaping
            (
                "\(protobuf);escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1",
                "\(messages); escaping=allow-utf-8"
            ),
        ])
    func prometheusGetsTheFormatItPrefers(_ accept: String, _ contentType: String) async {
        await expect(accept: accept, is: contentType)
    }

    @Test(
        arguments: [
            (nil, text), ("", text), ("*/*", text), ("text/*", text), ("text/plain", text),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", text),
            ("application/json", text), ("application/vnd.google.protobuf", text),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", text),
            ("application/vnd.google.protobuf;proto=other;encoding=delimited, application/openmetrics-text;q=0.5", openMetrics),
            ("\(protobuf);q=0, */*", text), ("application/openmetrics-text;q=0, application/*", text), (protobuf, messages),
            ("text/plain;version=2.0.0", text),
            ("text/plain;version=1.0.0", text1), ("application/openmetrics-text", openMetrics),
            ("application/*", openMetrics), ("APPLICATION/OpenMetrics-Text; Version=1.0.0 ; Q=0.5", openMetrics),
            ("application/openmetrics-text; version=\"1.0.0\"", openMetrics),
            ("application/openmetrics-text; version=2.0.0, text/plain;q=0.1", text),
            ("application/openmetrics-text; version=1.0.0; escaping=nonsense", openMetrics),
            ("text/plain;q=0.9, application/openmetrics-text;q=0.8", text),
            ("text/plain;q=0.8, application/openmetrics-text;q=0.9", openMetrics),
            ("application/openmetrics-text;q=0, */*", text), ("text/plain;version=0.0.4;q=0, */*", text),
            ("application/openmetrics-text;version=1.0.0;q=0, application/openmetrics-text", openMetrics0),
            ("application/openmetrics-text;q=7", text), ("application/openmetrics-text;q=x", text), (";;,,=;q", text),
            ("\"a,b\";q=1, application/openmetrics-text", openMetrics),
        ] as [(String?, String)])
    func otherClientsGetTheirPreferredFormatOrText(_ accept: String?, _ contentType: String) async {
        await expect(accept: accept, is: contentType)
    }

    @Test(
        arguments: [
            (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true), ("gzip, deflate, br, zstd", true),
            ("deflate, gzip;q=0.5", true), ("*", true), ("br, *;q=0.1", true), ("gzip;q=0", false), ("gzip;q=0, *", false),
            ("identity", false), ("identity, gzip;q=0.5", false), ("identity;q=0.5, gzip", true), ("deflate", false),
            ("gzip;q=0.000", false), ("identity;q=0", false), ("gzip;q=nonsense", false),
        ] as [(String?, Bool)])
    func gzipIsUsedOnlyWhenAcceptedAndNotLessPreferred(_ acceptEncoding: String?, _ isGzip: Bool) async {
        var fields = HTTPFields()
        fields[.acceptEncoding] = acceptEncoding
        let response = await ask(fields)
        #expect(response.headerFields[.contentEncoding] == (isGzip ? "gzip" : nil))
        #expect(response.headerFields[.vary] == "Accept, Accept-Encoding")
        let body = response.body.bytes
        #expect(body.starts(with: [0x1F, 0x8B]) == isGzip)
        if !isGzip { #expect(String(decoding: body, as: UTF8.self) == Self.textBody) }
    }
}
