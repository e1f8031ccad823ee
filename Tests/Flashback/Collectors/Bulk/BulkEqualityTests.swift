import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// Buckets requested together have the same series as buckets requested separately, as far as the API's answers contain them.
@Suite struct BulkEqualityTests {
    /// Families that the answers about many buckets do not contain.
    private static let notFilled: Set<String> = [
        "flashback_bucket_node_daily_last_latency_seconds", "flashback_bucket_node_daily_last_update_timestamp_seconds",
    ]
    /// Labels that these answers leave empty.
    private static let emptyLabels: Set<String> = ["node_region", "version"]

    private struct Series: Hashable {
        let name: String
        let labels: [String: String]
        let value: String
    }

    private func scrape(_ mode: BulkMode, _ change: (inout APIDialect) -> Void) async throws -> ParsedExposition {
        let account = try CollectedAccount(
            buckets: 12, nodes: 3, simulator: { change(&$0.dialect) }, collection: { $0.bulk = mode })
        account.simulation.setStatus("DISCONNECTED", ofNode: account.simulation.nodes[0].ip)
        let exposition = try await account.scrape()
        #expect((account.simulation.requests.count(.bucketStatus) > 0) == (mode == .never))
        #expect((account.simulation.requests.count(.latestNodeStatistics) > 0) == (mode != .never))
        return exposition
    }

    private func series(_ exposition: ParsedExposition, without labels: Set<String> = []) -> Set<Series> {
        let families = exposition.families.filter {
            !$0.name.hasPrefix("flashback_api_") && $0.name != "flashback_collector_bulk" && !Self.notFilled.contains($0.name)
        }
        return Set(
            families.flatMap(\.samples).map { sample in
                Series(
                    name: sample.name,
                    labels: sample.labels.filter { !Self.emptyLabels.contains($0.key) && !labels.contains($0.key) },
                    value: sample.text)
            })
    }

    private func expectEqual(
        without labels: Set<String> = [], _ change: (inout APIDialect) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let single = series(try await scrape(.never, change), without: labels)
        #expect(single.count > 500)
        for mode in [BulkMode.always, .auto] {
            let bulk = series(try await scrape(mode, change), without: labels)
            #expect(bulk.subtracting(single).isEmpty, sourceLocation: sourceLocation)
            #expect(single.subtracting(bulk).isEmpty, sourceLocation: sourceLocation)
        }
    }

    @Test func bulkAndSingleRequestsServeTheSameSeries() async throws { try await expectEqual() }

    @Test func onlyTheDocumentedFamiliesAreMissing() async throws {
        let single = Set(try await scrape(.never) { _ in }.families.map(\.name))
        let bulk = Set(try await scrape(.always) { _ in }.families.map(\.name))
        #expect(single.subtracting(bulk) == Self.notFilled)
        #expect(bulk.subtracting(single) == ["flashback_collector_bulk"])
    }

    @Test func nodeInfoHasEmptyLabels() async throws {
        let bulk = try await scrape(.always) { _ in }
        let descriptions = bulk.samples("flashback_bucket_node_info")
        #expect(descriptions.count == 36)
        #expect(descriptions.allSatisfy { $0.labels["node_region"] == "" && $0.labels["version"] == "" })
    }

    @Test(arguments: APIDialect.DayForm.allCases, APIDialect.StatisticsKind.allCases)
    func seriesAreEqualInEveryFormOfDaysAndNumbers(_ day: APIDialect.DayForm, _ kind: APIDialect.StatisticsKind) async throws {
        try await expectEqual {
            $0.dayForm = day
            $0.statisticsKind = kind
        }
    }

    @Test func seriesAreEqualInEverySpelling() async throws {
        try await expectEqual {
            $0.bucketIDName = .unitID
            $0.latencyName = .camelCase
            $0.lastUpdatedName = .snakeCase
            $0.nodeStatusName = .snakeCase
            $0.uptimeName = .online
            $0.hostName = .url
        }
        try await expectEqual {
            $0.nodeIDForm = .identifierAndAddress
            $0.latencyWhenDown = .missing
            $0.nodeStatusName = .status
        }
    }

    @Test func hostIsUnknownWithoutOptionalFields() async throws {
        try await expectEqual(without: ["host"]) { $0.optionalFields = .missing }
    }

    @Test(arguments: [APIDialect.NodeIDForm.identifier, .number])
    func nodeWithoutAddressIsLabelledByItsIdentifier(_ form: APIDialect.NodeIDForm) async throws {
        try await expectEqual(without: ["node", "host"]) { $0.nodeIDForm = form }
        let nodes = Set(
            try await scrape(.always) { $0.nodeIDForm = form }.samples("flashback_bucket_node_latency_seconds")
                .compactMap { $0.labels["node"] })
        #expect(nodes == (form == .number ? ["1", "2", "3"] : ["node-1", "node-2", "node-3"]))
    }
}
