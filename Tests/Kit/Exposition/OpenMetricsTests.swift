import Exposition
import TestSupport
import Testing

@Suite struct OpenMetricsTests {
    private func text(_ families: [RenderedFamily]) -> String {
        String(decoding: MetricSnapshot(families).body(in: .openMetrics).bytes, as: UTF8.self)
    }

    @Test func typesAreDeclaredByTheirRules() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.information, LabelBlock(["name": "x"]), value: 1)
        samples.append(.temperature, LabelBlock(["place": "attic"]), value: .real(.infinity))
        samples.append(.requests, LabelBlock(["code": "200"]), value: 7)
        samples.append(.duration, histogram: Histogram(upperBounds: [0.5, 1], counts: [1, 2, 3], sum: 4.5))
        #expect(
            text(samples.rendered()) == #"""
                # HELP demo A demonstration, always 1.
                # TYPE demo info
                demo_info{name="x"} 1
                # HELP demo_temperature Degrees; a back\\slash and a "quote".
                # TYPE demo_temperature gauge
                demo_temperature{place="attic"} +Inf
                # HELP demo_requests Requests.
                # TYPE demo_requests counter
                demo_requests_total{code="200"} 7
                # HELP demo_duration_seconds Durations.
                # TYPE demo_duration_seconds histogram
                # UNIT demo_duration_seconds seconds
                demo_duration_seconds_bucket{le="0.5"} 1
                demo_duration_seconds_bucket{le="1.0"} 3
                demo_duration_seconds_bucket{le="+Inf"} 6
                demo_duration_seconds_sum 4.5
                demo_duration_seconds_count 6
                # EOF

                """#)
    }

    @Test(
        arguments: [
            (MetricFamily("a_bytes_total", .counter, unit: .bytes, help: "A."), "# UNIT a_bytes bytes\n"),
            (MetricFamily("a_seconds", .gauge, unit: .seconds, help: "A."), "# UNIT a_seconds seconds\n"),
            (MetricFamily("a_ratio", .gauge, unit: .ratio, help: "A."), "# UNIT a_ratio ratio\n"),
            (MetricFamily("a", .gauge, unit: .seconds, help: "A."), ""),
            (MetricFamily("a_seconds", .gauge, help: "A."), ""),
            (MetricFamily("a_seconds_info", .info, unit: .seconds, help: "A."), ""),
        ])
    func unitIsDeclaredWhereTheNameEndsWithIt(_ family: MetricFamily, _ line: String) {
        let text = text([RenderedFamily(family: family, lines: Array("\(family.name) 1\n".utf8))])
        let type = "# TYPE \(family.openMetricsName) \(family.type.rawValue)\n"
        #expect(text == "# HELP \(family.openMetricsName) A.\n" + type + line + "\(family.name) 1\n# EOF\n")
    }

    @Test func emptyBodyEndsWithEOF() {
        #expect(text([]) == "# EOF\n")
    }

    @Test func contentTypesMatchTheParsers() {
        #expect(ExpositionFormat.text.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(ExpositionFormat.text1.contentType == "text/plain; version=1.0.0; charset=utf-8")
        #expect(ExpositionFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(ExpositionFormat.openMetrics0.contentType == "application/openmetrics-text; version=0.0.1; charset=utf-8")
        #expect(
            ExpositionFormat.text1.escaping(.values).contentType == "text/plain; version=1.0.0; charset=utf-8; escaping=values")
        #expect(ExpositionFormat.text.escaping(.values) == .text)
        #expect(ExpositionFormat.openMetrics0.escaping(.values) == .openMetrics0)
    }
}
