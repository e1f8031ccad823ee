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
