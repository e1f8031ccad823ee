import Exposition
import Testing

@Suite struct LabelBlockTests {
    private func line(_ labels: LabelBlock, _ more: LabelBlock = .none) -> String {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.temperature, labels, more, value: 1)
        return String(body(of: samples.rendered()).split(separator: "\n").last ?? "")
    }

    @Test func noLabelsHaveNoBraces() {
        #expect(line(.none) == "demo_temperature 1")
        #expect(LabelBlock([:]) == .none)
    }

    @Test func labelsKeepTheirOrder() {
        #expect(line(LabelBlock(["b": "1", "a": "2"])) == #"demo_temperature{b="1",a="2"} 1"#)
    }

    @Test func labelsCanBeAppended() {
        let base = LabelBlock(["a": "1"])
        #expect(line(base, LabelBlock(["b": "2"])) == #"demo_temperature{a="1",b="2"} 1"#)
        #expect(line(.none, LabelBlock(["b": "2"])) == #"demo_temperature{b="2"} 1"#)
        #expect(line(LabelBlock(base, ["c": "3"])) == #"demo_temperature{a="1",c="3"} 1"#)
        #expect(LabelBlock(base, [:]) == base)
        #expect(LabelBlock(.none, ["a": "1"]) == base)
    }

    @Test func constantLabelsComeFirst() {
        func line(_ labels: LabelBlock, _ more: LabelBlock = .none) -> String {
            var samples = SampleWriter<SampleFamilies>(FamilyDeclarations(constantLabels: LabelBlock(["account": "a\"b\\"])))
            samples.append(.temperature, labels, more, value: 1)
            return String(body(of: samples.rendered()).split(separator: "\n").last ?? "")
        }
        #expect(line(.none) == #"demo_temperature{account="a\"b\\"} 1"#)
        #expect(line(LabelBlock(["b": "1"])) == #"demo_temperature{account="a\"b\\",b="1"} 1"#)
        #expect(line(LabelBlock(["b": "1"]), LabelBlock(["c": "2"])) == #"demo_temperature{account="a\"b\\",b="1",c="2"} 1"#)
        #expect(line(.none, LabelBlock(["c": "2"])) == #"demo_temperature{account="a\"b\\",c="2"} 1"#)
    }

    @Test func histogramHasConstantLabels() {
        var samples = SampleWriter<SampleFamilies>(FamilyDeclarations(constantLabels: LabelBlock(["account": "a"])))
        let histogram = Histogram(upperBounds: [0.5], counts: [1, 2], sum: 9)
        samples.append(.duration, LabelBlock(["endpoint": "x"]), histogram: histogram)
        samples.append(.duration, histogram: histogram)
        #expect(
            body(of: samples.rendered()).split(separator: "\n").filter { !$0.hasPrefix("#") } == [
                #"demo_duration_seconds_bucket{account="a",endpoint="x",le="0.5"} 1"#,
                #"demo_duration_seconds_bucket{account="a",endpoint="x",le="+Inf"} 3"#,
                #"demo_duration_seconds_sum{account="a",endpoint="x"} 9"#,
                #"demo_duration_seconds_count{account="a",endpoint="x"} 3"#,
                #"demo_duration_seconds_bucket{account="a",le="0.5"} 1"#,
                #"demo_duration_seconds_bucket{account="a",le="+Inf"} 3"#,
                #"demo_duration_seconds_sum{account="a"} 9"#,
                #"demo_duration_seconds_count{account="a"} 3"#,
            ])
    }

    @Test func emptyValueIsWritten() {
        #expect(line(LabelBlock(["a": ""])) == #"demo_temperature{a=""} 1"#)
    }

    @Test(arguments: [
        (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"), (#"\n"#, #"\\n"#),
        (#"\""#, #"\\\""#),
        ("tab\tnul\0", "tab\tnul\0"), ("é🦊", "é🦊"),
    ])
    func valuesAreEscaped(_ value: String, _ escaped: String) {
        let expected = "demo_temperature{a=\"\(escaped)\"} 1"
        #expect(Array(line(LabelBlock(["a": value])).utf8) == Array(expected.utf8))
    }
}
