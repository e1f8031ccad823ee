import Basics
import Exposition
import TestSupport
import Testing

@Suite struct MetricSelectionTests {
    private static let states = ["hot", "mild", "cold"].map { LabelBlock(["place": $0]) }

    private func stateSet(_ states: ExportedStates, _ current: Int) -> [RenderedFamily] {
        var samples = SampleWriter<SampleFamilies>(FamilyDeclarations(selection: MetricSelection(states: states)))
        samples.append(.temperature, state: current, of: Self.states)
        return samples.rendered()
    }

    private func lines(_ families: [RenderedFamily], in format: ExpositionFormat = .text) -> [Substring] {
        String(decoding: MetricSnapshot(families).body(in: format).bytes, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("# HELP") }
    }

    @Test func familiesThatAreNotSelectedAreNotWritten() throws {
        let filter = PatternFilter(
            include: [try Pattern(parsing: "demo_.*")], exclude: [try Pattern(parsing: "demo_(temperature|duration_seconds)")])
        var samples = SampleWriter<SampleFamilies>(FamilyDeclarations(selection: MetricSelection(families: filter)))
        samples.append(.information, value: 1)
        samples.append(.temperature, value: 2)
        samples.append(.temperature, state: 1, of: Self.states)
        samples.append(.duration, histogram: Histogram(upperBounds: [1], counts: [2, 3], sum: 4))
        let families = samples.rendered()
        #expect(families.map(\.family.name) == ["demo_info"])
        #expect(lines(families) == ["# TYPE demo_info gauge", "demo_info 1"])
    }

    @Test func costIsWhatTheBodyContains() {
        var samples = SampleWriter<SampleFamilies>(scope: SampleScope(collector: "one"))
        samples.append(.temperature, LabelBlock(["place": "two\nlines"]), value: 1)
        samples.scope.collector = "two"
        samples.append(.temperature, LabelBlock(["place": "other"]), value: 2)
        samples.append(.duration, histogram: Histogram(upperBounds: [1], counts: [2, 3], sum: 4))
        let families = samples.rendered()
        let text = body(of: families)
        #expect(families.map(\.cost.series) == [2, 4])
        #expect(families.reduce(0) { $0 + $1.cost.bytes } == text.utf8.count)
        #expect(families[0].costsByCollector.mapValues(\.series) == ["one": 1, "two": 1])
        let line = #"demo_temperature{place="other"} 2"#.utf8.count + 1
        #expect(families[0].costsByCollector["two"]?.bytes == line)
        #expect(MetricSnapshot(families).byteCount(in: .text, coding: .identity) == text.utf8.count)
    }

    @Test func stateSetHasOneSamplePerState() {
        #expect(
            lines(stateSet(.all, 1)) == [
                "# TYPE demo_temperature gauge", #"demo_temperature{place="hot"} 0"#, #"demo_temperature{place="mild"} 1"#,
                #"demo_temperature{place="cold"} 0"#,
            ])
    }

    @Test func onlyTheCurrentStateIsWrittenIfSelected() {
        #expect(lines(stateSet(.current, 2)) == ["# TYPE demo_temperature gauge", #"demo_temperature{place="cold"} 1"#])
        #expect(
            lines(stateSet(.current, 0), in: .openMetrics)
                == ["# TYPE demo_temperature gauge", #"demo_temperature{place="hot"} 1"#, "# EOF"])
    }
}
