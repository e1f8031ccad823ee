import Exposition
import Testing

@Suite struct OpenMetricsHistoryTests {
    private static let family = MetricFamily("x_seconds", .gauge, unit: .seconds, help: "X.", labelNames: ["a"])

    private func text(_ constants: LabelBlock, _ labels: LabelBlock, _ value: SampleValue = 0.5) -> String {
        var bytes: [UInt8] = []
        OpenMetricsHistory.Series(of: Self.family, constants: constants, labels)
            .append(value, at: OpenMetricsHistory.Timestamps([300, 600]), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func eachTimestampHasALineWithTheSameValue() {
        #expect(
            text(LabelBlock(["job": "j"]), LabelBlock(["a": "1"]))
                == "x_seconds{job=\"j\",a=\"1\"} 0.5 300\nx_seconds{job=\"j\",a=\"1\"} 0.5 600\n")
        #expect(text(.none, LabelBlock(["a": "1"]), 2).hasPrefix("x_seconds{a=\"1\"} 2 300\n"))
        #expect(text(LabelBlock(["job": "j"]), .none).hasPrefix("x_seconds{job=\"j\"} 0.5 300\n"))
        #expect(text(.none, .none).hasPrefix("x_seconds 0.5 300\n"))
    }

    @Test func valuesOfAllLabelsAreEscaped() {
        #expect(
            text(LabelBlock(["job": "\\ \" \n"]), LabelBlock(["a": "\n\"\\"])).hasPrefix(
                #"x_seconds{job="\\ \" \n",a="\n\"\\"} 0.5 300"# + "\n"))
    }

    @Test func headerNamesTheUnit() {
        let header = String(decoding: OpenMetricsHistory.header(of: Self.family), as: UTF8.self)
        #expect(header == "# HELP x_seconds X.\n# TYPE x_seconds gauge\n# UNIT x_seconds seconds\n")
    }

    @Test(arguments: [
        ("job", true), ("_x9", true), ("Z", true), ("", false), ("9a", false), ("__name__", false), ("a-b", false),
        ("a b", false),
        ("é", false), ("a\u{301}", false), ("a@", false), ("a[", false), ("a`", false), ("a{", false),
    ])
    func labelNamesAreThosePrometheusAccepts(_ name: String, _ isOne: Bool) {
        #expect(OpenMetricsHistory.isLabelName(name) == isOne)
    }
}
