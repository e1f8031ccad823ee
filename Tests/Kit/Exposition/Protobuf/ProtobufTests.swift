import Basics
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Exposition

@Suite struct ProtobufTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func bytes(_ families: [RenderedFamily]) -> [UInt8] { MetricSnapshot(families).body(in: .protobuf).bytes }

    private func expect(_ families: [RenderedFamily], _ hexadecimal: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let written = bytes(families).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(written == hexadecimal.filter { !$0.isWhitespace }, sourceLocation: sourceLocation)
    }

    // The expected bytes are the output of Python's protobuf package with Prometheus' metrics.proto.

    @Test func infoIsAGauge() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.information, LabelBlock(["name": "x\"\\\nÜ"]), value: 1)
        expect(
            samples.rendered(),
            """
            460a0964656d6f5f696e666f121a412064656d6f6e7374726174696f6e2c20616c7761797320312e1801221b0a0e0a04
            6e616d65120678225c0ac39c120909000000000000f03f
            """)
    }

    @Test func countersHaveTheirStart() {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.requests, LabelBlock(["code": "200"]), value: 7, since: Self.start + 0.25)
        samples.append(.requests, LabelBlock(["code": "500"]), value: 0)
        expect(
            samples.rendered(),
            """
            630a1364656d6f5f72657175657374735f746f74616c120952657175657374732e180022250a0b0a04636f6465120332
            30301a16090000000000001c401a0b0880e2cfaa061080e59a7722180a0b0a04636f646512033530301a090900000000
            00000000
            """)
    }

    @Test func nativeHistogramIsBesideTheClassicOne() {
        var native = NativeHistogram()
        for value in [0, 0.5, 1, 0.5, 1.25, 1.25] { native.count(value) }
        var samples = SampleWriter<SampleFamilies>()
        samples.append(
            .duration, LabelBlock(["endpoint": "a"]),
            histogram: Histogram(upperBounds: [0.5, 1], counts: [3, 1, 2], sum: 4.5, native: native), since: Self.start)
        expect(
            samples.rendered(),
            """
            91010a1564656d6f5f6475726174696f6e5f7365636f6e6473120a4475726174696f6e732e18042a077365636f6e6473
            22610a0d0a08656e64706f696e741201613a5008061100000000000012401a0b080311000000000000e03f1a0b080411
            000000000000f03f280631000000000000f03738016204080f10016204080e1004680468016801680068047a060880e2
            cfaa06
            """)
    }

    @Test func histogramsKeepTheirOwnDetails() throws {
        var native = NativeHistogram()
        native.count(2)
        var samples = SampleWriter<SampleFamilies>()
        for (endpoint, start) in [("a", nil), ("b", Self.start), ("c", nil)] as [(String, Date?)] {
            samples.append(
                .duration, LabelBlock(["endpoint": endpoint]),
                histogram: Histogram(upperBounds: [], counts: [1], sum: 2, native: endpoint == "b" ? native : nil), since: start)
        }
        let family = try #require(try ParsedMessages(bytes(samples.rendered())).families.first)
        #expect(family.starts == [nil, 1_700_000_000_000, nil])
        #expect(family.natives.map(\.spans) == [[[8, 1]]])
        #expect(
            family.samples.map(\.name)
                == ["a", "b", "c"].flatMap { _ in ["_bucket", "_sum", "_count"].map { "demo_duration_seconds" + $0 } })
    }

    /// Segments consist of lines and details. The assignment of details to lines must not depend on where a segment ends.
    @Test func startsStayWithTheirCounters() throws {
        var samples = SampleWriter<SampleFamilies>()
        var expected: [Int64?] = []
        for number in 0..<7_000 {
            let start = number % 3 == 0 ? nil : Self.start + Double(number)
            samples.append(.requests, LabelBlock(["code": "number \(number)"]), value: SampleValue(number), since: start)
            expected.append(start.map { Int64($0.timeIntervalSince1970) * 1000 })
        }
        let families = samples.rendered()
        let family = try #require(try ParsedMessages(bytes(families)).families.first)
        // Without `==` in the macro, whose failure takes minutes to describe.
        let isExpected = family.starts == expected
        #expect(isExpected)
        #expect(family.samples.map(\.value) == (0..<7_000).map(Double.init))
        let text = try ParsedExposition(bodyBytes(of: families))
        #expect(text.samples("demo_requests_total").count == 7_000, "the text formats show none of this")
    }

    @Test func emptySnapshotIsAnEmptyBody() async throws {
        #expect(bytes([]).isEmpty)
        #expect(try await gunzip(MetricSnapshot.empty.body(in: .protobuf, coding: .gzip).bytes).isEmpty)
    }

    @Test(arguments: [ContentCoding.identity, .gzip])
    func samplesAreConvertedOnce(_ coding: ContentCoding) async throws {
        var samples = SampleWriter<SampleFamilies>()
        for number in 0..<100 { samples.append(.temperature, LabelBlock(["place": "\(number)"]), value: 1) }
        let snapshot = MetricSnapshot(samples.rendered())
        try await snapshot.prepare(for: .protobuf)
        // After the gzip member's header, the family's length and its header.
        let index = coding == .identity ? 2 : 3
        let bodies = (0..<2).map { _ in snapshot.body(in: .protobuf, coding: coding)[index].bytes }
        let addresses = bodies.map { bytes in bytes.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1])
        #expect(bodies[0].readableBytes > 100)
    }

    @Test func cancelledPreparationConvertsNothing() async {
        var samples = SampleWriter<SampleFamilies>()
        for number in 0..<100 { samples.append(.temperature, LabelBlock(["place": "\(number)"]), value: 1) }
        let snapshot = MetricSnapshot(samples.rendered())
        let preparation = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await snapshot.prepare(for: .protobuf)
        }
        await #expect(throws: CancellationError.self) { try await preparation.value }
        let segments = snapshot.families.flatMap(\.samples).flatMap(\.run.segments)
        #expect(!segments.isEmpty && !segments.contains(where: \.isInProtobuf))
    }

    @Test func contentTypeIsThatOfPrometheus() {
        let type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        #expect(ExpositionFormat.protobuf.contentType == type)
        #expect(ExpositionFormat.protobuf.escaping(.allowUTF8).contentType == type + "; escaping=allow-utf-8")
    }
}
