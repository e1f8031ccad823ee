import Basics
import Exposition
import NIOCore
import TestSupport
import Testing

@Suite struct GzipTests {
    /// Families whose samples are in segments of very different lengths.
    private func snapshot(seed: UInt64) -> MetricSnapshot {
        var random = SeededGenerator(seed: seed)
        var samples = SampleWriter<SampleFamilies>()
        for partition in 0..<Int.random(in: 1...5, using: &random) {
            samples.scope.partition = "\(partition)"
            for number in 0..<[0, 1, 20, 5000][Int.random(in: 0...3, using: &random)] {
                let labels = LabelBlock(["place": "\(number)\(HostileText.random(using: &random))", "part": "\(partition)"])
                samples.append(.temperature, labels, value: .real(Double.random(in: -50...50, using: &random)))
                samples.append(.requests, labels, value: .integer(Int64.random(in: 0...(.max), using: &random)))
            }
        }
        return MetricSnapshot(samples.rendered())
    }

    @Test(arguments: [ExpositionFormat.text, .openMetrics], 0..<20 as Range<UInt64>)
    func bodyIsTheSameInBothCodings(_ format: ExpositionFormat, _ seed: UInt64) async throws {
        let snapshot = snapshot(seed: seed)
        let plain = snapshot.body(in: format).bytes
        let coded = snapshot.body(in: format, coding: .gzip).bytes
        #expect(try await gunzip(coded) == plain)
    }

    @Test func everyFilterSharesTheSegments() async throws {
        let snapshot = snapshot(seed: 3)
        let whole = Set(snapshot.body(in: .text, coding: .gzip).map(\.bytes))
        for partition in snapshot.partitions {
            let filter = SampleFilter(partitions: [partition])
            let part = snapshot.body(in: .openMetrics, coding: .gzip, filter: filter)
            #expect(try await gunzip(part.bytes) == snapshot.body(in: .openMetrics, filter: filter).bytes)
            #expect(part.contains { piece in piece.byteCount > 100 && whole.contains(piece.bytes) })
        }
    }

    @Test func emptyBodyIsAValidMember() async throws {
        let coded = MetricSnapshot.empty.body(in: .text, coding: .gzip).bytes
        #expect(try await gunzip(coded).isEmpty)
    }

    @Test func damagedBodyIsDetected() async throws {
        let coded = snapshot(seed: 3).body(in: .text, coding: .gzip).bytes
        for index in [coded.count - 1, coded.count - 8] {
            var damaged = coded
            damaged[index] ^= 1
            await #expect(throws: NotGzip.self) { _ = try await gunzip(damaged) }
        }
    }

    @Test func manySamplesCompressWell() {
        var samples = SampleWriter<SampleFamilies>()
        for number in 0..<10_000 { samples.append(.temperature, LabelBlock(["place": "room \(number)"]), value: 21) }
        let snapshot = MetricSnapshot(samples.rendered())
        func size(_ coding: ContentCoding) -> Int { snapshot.body(in: .text, coding: coding).bytes.count }
        #expect(size(.gzip) * 5 < size(.identity))
    }

    /// With many scopes, buffers and therefore segments are shorter: no sample may be lost at the end of a segment.
    @Test(arguments: [1, 40, 400])
    func noSampleIsLostBetweenSegments(_ scopes: Int) async throws {
        var samples = SampleWriter<SampleFamilies>()
        var expected: [[String]] = Array(repeating: [], count: scopes)
        for number in 0..<20_000 {
            let scope = number % scopes
            samples.scope = SampleScope(partition: "\(scope)")
            samples.append(.temperature, LabelBlock(["place": "room \(number)"]), value: SampleValue(number))
            expected[scope].append("\(SampleFamilies.temperature.family.name){place=\"room \(number)\"} \(number)\n")
        }
        let snapshot = MetricSnapshot(samples.rendered())
        let plain = String(decoding: snapshot.body(in: .text).bytes, as: UTF8.self)
        #expect(plain.hasSuffix(expected.joined().joined()))
        let coded = snapshot.body(in: .text, coding: .gzip)
        #expect(try await gunzip(coded.bytes) == Array(plain.utf8))
        #expect(coded.count < 5 + coded.bytes.count / (32 * 1024), "many segments form few pieces")
        for scope in [0, scopes - 1] {
            let filter = SampleFilter(partitions: ["\(scope)"])
            let part = try await gunzip(snapshot.body(in: .text, coding: .gzip, filter: filter).bytes)
            #expect(String(decoding: part, as: UTF8.self).hasSuffix("gauge\n" + expected[scope].joined()))
        }
    }
}
