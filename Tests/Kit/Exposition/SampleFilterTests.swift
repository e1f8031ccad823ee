import Basics
import Exposition
import TestSupport
import Testing

@Suite struct SampleFilterTests {
    /// Two collectors with two partitions each, a collector's sample about the whole account, and a sample without a collector.
    private var snapshot: MetricSnapshot {
        var samples = SampleWriter<SampleFamilies>()
        samples.append(.information, LabelBlock(["name": "own"]), value: 1)
        for collector in ["one", "two"] {
            samples.scope = SampleScope(collector: collector)
            samples.append(.requests, LabelBlock(["code": collector]), value: 1)
            for partition in ["a", "b"] {
                samples.scope.partition = Identifier(partition)
                samples.append(.temperature, LabelBlock(["place": "\(collector) \(partition)"]), value: 1)
            }
        }
        return MetricSnapshot(samples.rendered())
    }

    private func labelValues(_ filter: SampleFilter) throws -> Set<String> {
        try ParsedExposition(snapshot.body(in: .text, filter: filter).bytes).labelValues
    }

    @Test func withoutFilterEverythingPasses() throws {
        #expect(try labelValues(.all) == ["own", "one", "two", "one a", "one b", "two a", "two b"])
    }

    @Test func collectorFilterPassesItsSamplesAndCommonOnes() throws {
        #expect(try labelValues(SampleFilter(collectors: ["one"])) == ["own", "one", "one a", "one b"])
        #expect(try labelValues(SampleFilter(collectors: [])) == ["own"])
    }

    @Test func partitionFilterPassesItsSamplesAndCommonOnes() throws {
        #expect(try labelValues(SampleFilter(partitions: ["b"])) == ["own", "one", "two", "one b", "two b"])
        #expect(try labelValues(SampleFilter(partitions: ["c"])) == ["own", "one", "two"])
    }

    @Test func familyWithoutSamplesIsOmittedWithItsHeader() throws {
        let body = snapshot.body(in: .text, filter: SampleFilter(families: ["demo_info"])).bytes
        #expect(try ParsedExposition(body).families.map(\.name) == ["demo_info"])
        let filter = SampleFilter(families: ["demo_temperature"], partitions: ["c"])
        #expect(snapshot.body(in: .text, filter: filter).isEmpty)
    }

    @Test func filtersCombine() throws {
        let filter = SampleFilter(families: ["demo_temperature"], collectors: ["two"], partitions: ["a", "b"])
        #expect(try labelValues(filter) == ["two a", "two b"])
    }

    @Test func accountFilterPassesItsSamplesAndCommonOnes() throws {
        var samples = SampleWriter<SampleFamilies>()
        for account: Identifier? in ["x", "y", nil] {
            samples.scope = SampleScope(account: account, collector: "one", partition: "of \(account ?? "none")")
            samples.append(.temperature, LabelBlock(["place": account?.text ?? "none"]), value: 1)
        }
        let snapshot = MetricSnapshot(samples.rendered())
        func places(_ accounts: Set<Identifier>?) throws -> Set<String> {
            try ParsedExposition(snapshot.body(in: .text, filter: SampleFilter(accounts: accounts)).bytes).labelValues
        }
        #expect(try places(nil) == ["x", "y", "none"])
        #expect(try places(["y"]) == ["y", "none"])
        #expect(try places([]) == ["none"])
        #expect(snapshot.partitionsByAccount == ["x": ["of x"], "y": ["of y"], nil: ["of none"]])
    }

    @Test func partitionsAreListed() {
        #expect(snapshot.partitions == ["a", "b"])
        #expect(snapshot.partitionsByAccount == [nil: ["a", "b"]])
        #expect(MetricSnapshot.empty.partitions.isEmpty)
    }
}
