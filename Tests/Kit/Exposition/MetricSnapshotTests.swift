import Exposition
import NIOCore
import TestSupport
import Testing

@Suite struct MetricSnapshotTests {
    private func temperature(_ place: String, _ value: SampleValue) -> [RenderedFamily] {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.temperature, LabelBlock(["place": place]), value: value)
        return samples.rendered()
    }

    @Test func bodyMatchesTheReference() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.requests, LabelBlock(["code": "200"]), value: 9_007_199_254_740_993)
        samples.append(.temperature, LabelBlock(["place": "the \"attic\"\\roof\nleft"]), value: -4.5)
        samples.append(.requests, LabelBlock(["code": "500"]), value: 0)
        samples.append(.information, LabelBlock(["name": "Übersetzungen 🦊"]), value: 1)
        // Families are in the order of their declarations, samples in the order in which they were written.
        #expect(
            body(of: samples.rendered()) == #"""
                # HELP demo_info A demonstration, always 1.
                # TYPE demo_info gauge
                demo_info{name="Übersetzungen 🦊"} 1
                # HELP demo_temperature Degrees; a back\\slash and a "quote".
                # TYPE demo_temperature gauge
                demo_temperature{place="the \"attic\"\\roof\nleft"} -4.5
                # HELP demo_requests_total Requests.
                # TYPE demo_requests_total counter
                demo_requests_total{code="200"} 9007199254740993
                demo_requests_total{code="500"} 0

                """#)
    }

    @Test func helpTextIsEscaped() {
        let family = MetricFamily("demo", .gauge, help: "one\ntwo \\ \"three\"")
        let text = body(of: [RenderedFamily(family: family, lines: Array("demo 1\n".utf8))])
        #expect(text == "# HELP demo one\\ntwo \\\\ \"three\"\n# TYPE demo gauge\ndemo 1\n")
    }

    @Test func familiesWithoutSamplesAreOmitted() {
        var samples = SampleWriter<SampleFamilies>()
        let families = samples.rendered()
        #expect(families.isEmpty)
        #expect(MetricSnapshot(families) == .empty)
        #expect(MetricSnapshot.empty.families.isEmpty)
        #expect(MetricSnapshot.empty.body(in: .text).isEmpty)
        #expect(MetricSnapshot(temperature("a", 1)).families.map(\.family.name) == ["demo_temperature"])
    }

    @Test func familyOfSeveralSourcesIsWrittenOnce() throws {
        let other = RenderedFamily(family: MetricFamily("other", .gauge, help: "Other."), lines: Array("other 1\n".utf8))
        let snapshot = MetricSnapshot(temperature("a", 1) + [other] + temperature("b", 2))
        #expect(snapshot.families.map(\.family.name) == ["demo_temperature", "other"])
        let parsed = try ParsedExposition(snapshot.body(in: .text).bytes)
        #expect(parsed.value("demo_temperature", ["place": "a"]) == 1)
        #expect(parsed.value("demo_temperature", ["place": "b"]) == 2)
        #expect(parsed.value("other") == 1)
    }

    @Test func appendingMergesFamilies() throws {
        let snapshot = MetricSnapshot(temperature("a", 1)).appending(temperature("b", 2))
        #expect(snapshot.families.count == 1)
        #expect(snapshot == MetricSnapshot(temperature("a", 1) + temperature("b", 2)))
    }

    @Test(arguments: [ContentCoding.identity, .gzip])
    func samplesHaveTheSameBytesInEveryBody(_ coding: ContentCoding) throws {
        let snapshot = MetricSnapshot(temperature("a", 1))
        // After the header of the family, and of the gzip member.
        let index = coding == .identity ? 1 : 2
        let samples = [ExpositionFormat.text, .openMetrics].map { snapshot.body(in: $0, coding: coding)[index].bytes }
        #expect(samples[0] == samples[1])
        // Not only equal but the same storage, so that a response copies nothing.
        let addresses = samples.map { bytes in bytes.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1])
    }

    /// Long samples are kept uncompressed only while they are requested repeatedly.
    @Test func plainBytesAreCachedFromTheSecondTime() throws {
        let line = Array("temperature_celsius{place=\"a\"} 1\n".utf8)
        let lines = Array(repeatElement(line, count: 2000).joined())
        let snapshot = MetricSnapshot([RenderedFamily(family: SampleFamilies.temperature.family, lines: lines)])
        let bodies = (0..<3).map { _ in snapshot.body(in: .text)[1].bytes }
        #expect(bodies.allSatisfy { Array($0.readableBytesView) == lines })
        let addresses = bodies.map { bytes in bytes.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] != addresses[1])
        #expect(addresses[1] == addresses[2])
    }
}
