import Exposition
import TestSupport
import Testing

/// Labels and help texts with any content are escaped correctly and read back unchanged.
@Suite struct HostileTextTests {
    @Test(arguments: 1...20)
    func labelValuesSurvive(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var samples = SampleWriter<SampleFamilies>()
        var expected: [[String: String]] = []
        for number in 0..<200 {
            let texts = (HostileText.random(using: &generator), HostileText.random(using: &generator))
            let subject = LabelBlock(["number": "\(number)", "first": texts.0])
            samples.append(.temperature, subject, LabelBlock(["second": texts.1]), value: .integer(Int64(number)))
            expected.append(["number": "\(number)", "first": texts.0, "second": texts.1])
        }
        let parsed = try ParsedExposition(bodyBytes(of: samples.rendered()))
        let labels = parsed.samples("demo_temperature").map(\.labels)
        #expect(labels.count == expected.count)
        for (read, written) in zip(labels, expected) {
            // Swift treats canonically equal texts as equal, but the bytes must be the same.
            for (name, text) in written { #expect(read[name].map { Array($0.utf8) } == Array(text.utf8)) }
        }
        #expect(parsed.samples("demo_temperature").map(\.value) == (0..<200).map(Double.init))
    }

    @Test(arguments: 1...10)
    func helpTextsSurvive(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let help = HostileText.random(using: &generator)
            let family = MetricFamily("demo", .gauge, help: help)
            let parsed = try ParsedExposition(bodyBytes(of: [RenderedFamily(family: family, lines: Array("demo 1\n".utf8))]))
            #expect(parsed[family: "demo"].map { Array($0.help.utf8) } == Array(help.utf8))
        }
    }
}
