import Exposition
import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

@Suite struct ExportedStatesTests {
    /// The families whose series have a label `status` for the state.
    private static let stateSets = ["flashback_bucket_status", "flashback_bucket_node_status", "flashback_node_status"]

    private func lines(_ states: ExportedStates, in format: ExpositionFormat) async throws -> [Substring] {
        let account = try CollectedAccount(collection: {
            $0.collectors = Set(CollectorCatalogue.all.map { $0.name })
            $0.metrics.states = states
        })
        // Buckets and nodes in different states.
        account.simulation.setStatus("OFFLINE", ofBucket: account.id(1))
        return String(decoding: await account.engine.snapshot().body(in: format).bytes, as: UTF8.self).split(separator: "\n")
    }

    @Test(arguments: [ExpositionFormat.text, .openMetrics])
    func currentStateIsWhatIsLeftWithoutTheZeros(_ format: ExpositionFormat) async throws {
        let all = try await lines(.all, in: format)
        let expected = all.filter { line in
            !(line.hasSuffix(" 0") && Self.stateSets.contains { line.hasPrefix("\($0){") })
        }
        #expect(try await lines(.current, in: format) == expected)
        for name in Self.stateSets {
            let states = expected.filter { $0.hasPrefix("\(name){") }
            #expect(!states.isEmpty && states.allSatisfy { $0.hasSuffix(" 1") }, "\(name)")
            #expect(all.count { $0.hasPrefix("\(name){") } == 4 * states.count, "\(name)")
        }
    }

    @Test func everyFamilyOfStatesIsAmongThese() {
        let families = CollectorCatalogue.all.flatMap { CollectorCatalogue.families(of: $0) } + CollectorCatalogue.ownFamilies
        #expect(Set(families.filter { $0.labelNames.contains("status") }.map(\.name)) == Set(Self.stateSets))
    }
}
