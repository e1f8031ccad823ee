import Basics
import Exposition
import TestSupport
import Testing

/// Protobuf has the same series and values as the text format, whatever they are.
@Suite struct ProtobufEqualityTests {
    /// Compares by bytes: Swift treats canonically equal texts as equal.
    private struct Series: Hashable {
        let name: [UInt8]
        let labels: [[UInt8]: [UInt8]]
        let bits: UInt64

        init(_ name: String, _ labels: [String: String], _ value: Double) {
            self.name = Array(name.utf8)
            self.labels = Dictionary(uniqueKeysWithValues: labels.map { (Array($0.key.utf8), Array($0.value.utf8)) })
            bits = value.isNaN ? Double.nan.bitPattern : value.bitPattern
        }
    }

    private func expectEqual(_ snapshot: MetricSnapshot, _ filter: SampleFilter = .all) async throws {
        let text = try ParsedExposition(snapshot.body(in: .text, filter: filter).bytes)
        let plain = snapshot.body(in: .protobuf, filter: filter).bytes
        let messages = try ParsedMessages(plain)
        #expect(messages.families.map(\.name) == text.families.map(\.name))
        for (message, family) in zip(messages.families, text.families) {
            #expect(Array(message.help.utf8) == Array(family.help.utf8))
            #expect(["counter", "gauge", "", "", "histogram"][Int(message.type)] == family.type)
            let (read, expected) = (
                message.samples.map { Series($0.name, $0.labels, $0.value) },
                family.samples.map { Series($0.name, $0.labels, $0.value) }
            )
            #expect(read == expected, "\(family.name)")
        }
        #expect(try await gunzip(snapshot.body(in: .protobuf, coding: .gzip, filter: filter).bytes) == plain)
    }

    private static let values: [SampleValue] = [
        0, 1, 9, 10, -1, .integer(.max), .integer(.min), 9_007_199_254_740_991, 9_007_199_254_740_993, 900_719_925_474_099,
        .real(-0.0), .real(.nan), .real(-.nan), .real(.signalingNaN), .real(.infinity), .real(-.infinity),
        .real(.greatestFiniteMagnitude), .real(.leastNonzeroMagnitude), .real(.leastNormalMagnitude), 0.1, 0.03898, 1e21, 1e-7,
        1e22, 1.7976931348623157e308, 0.000123456789012345, 123456789.123456789,
    ]

    @Test(arguments: 0..<4 as Range<UInt64>)
    func everySampleIsTheSame(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var samples = SampleWriter<SampleFamilies>()
        for partition in 0..<Int.random(in: 1...4, using: &random) {
            samples.scope.partition = "\(partition)"
            for number in 0..<([1, 20, 3000].randomElement(using: &random) ?? 1) {
                let labels = LabelBlock(["place": "\(number)\(HostileText.random(using: &random))", "part": "\(partition)"])
                let value = SampleValue.real(Double(bitPattern: .random(in: 0...(.max), using: &random)))
                samples.append(.temperature, labels, value: value)
                samples.append(
                    .temperature, labels, LabelBlock(["empty": ""]), value: Self.values.randomElement(using: &random) ?? 0)
                samples.append(.information, labels, LabelBlock(["le": HostileText.random(using: &random)]), value: 1)
                let decimals = Double.random(in: -1000...1000, using: &random)
                samples.append(.temperature, labels, LabelBlock(["rounded": "1"]), value: .real((decimals * 1e6).rounded() / 1e9))
                samples.append(.requests, labels, value: .integer(.random(in: 0...(.max), using: &random)))
            }
            samples.append(
                .duration, LabelBlock(["part": "\(partition)"]),
                histogram: Histogram(upperBounds: [0.005, 1, 2.5], counts: [1, 0, 3, 2], sum: 12.25))
        }
        let snapshot = MetricSnapshot(samples.rendered())
        try await expectEqual(snapshot)
        try await expectEqual(snapshot, SampleFilter(partitions: ["0"]))
        try await expectEqual(snapshot, SampleFilter(families: ["demo_requests_total", "demo_duration_seconds"]))
    }

    @Test func everyValueIsTheSame() async throws {
        var samples = SampleWriter<SampleFamilies>()
        for (index, value) in Self.values.enumerated() {
            samples.append(.temperature, LabelBlock(["place": "\(index)"]), value: value)
        }
        samples.append(.temperature, value: 1)
        try await expectEqual(MetricSnapshot(samples.rendered()))
    }

    /// Prometheus marks the end of a series with a special NaN.
    @Test func noNaNIsAStaleMarker() throws {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.temperature, value: .real(Double(bitPattern: 0x7FF0_0000_0000_0002)))
        let messages = try ParsedMessages(MetricSnapshot(samples.rendered()).body(in: .protobuf).bytes)
        #expect(messages.families.first?.samples.map(\.bits) == [0x7FF8_0000_0000_0001])
    }

    @Test func familyOfSeveralSourcesIsOneMessage() async throws {
        func rendered(_ place: String) -> [RenderedFamily] {
            var samples = SampleWriter<SampleFamilies>()
            samples.append(.temperature, LabelBlock(["place": place]), value: 1)
            return samples.rendered()
        }
        let first = MetricSnapshot(rendered("a"))
        try await expectEqual(first)
        try await expectEqual(first.appending(rendered("b")))
        let both = try ParsedMessages(MetricSnapshot(rendered("a") + rendered("b")).body(in: .protobuf).bytes)
        #expect(both.families.map(\.samples.count) == [2])
    }
}
