import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// Every dialect of the API yields the same exposition.
@Suite struct CollectedDialectTests {
    private func body(_ change: (inout APIDialect) -> Void) async throws -> String {
        let account = try CollectedAccount(buckets: 12, nodes: 3, simulator: { change(&$0.dialect) })
        account.simulation.setStatus("DISCONNECTED", ofNode: account.simulation.nodes[0].ip)
        return String(decoding: await account.body(), as: UTF8.self)
    }

    private func expectSame(_ change: (inout APIDialect) -> Void, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        let (expected, changed) = (try await body { _ in }, try await body(change))
        for (one, other) in zip(expected.split(separator: "\n"), changed.split(separator: "\n")) where one != other {
            Issue.record("\(one) became \(other)", sourceLocation: sourceLocation)
            break
        }
        #expect(expected == changed, sourceLocation: sourceLocation)
    }

    @Test func namesOfNodeFieldsAreEquivalent() async throws {
        try await expectSame { $0.latencyName = .camelCase }
        try await expectSame { $0.lastUpdatedName = .camelCase }
        try await expectSame { $0.lastUpdatedName = .snakeCase }
        for name in APIDialect.NodeStatusName.allCases { try await expectSame { $0.nodeStatusName = name } }
        for name in APIDialect.HostName.allCases { try await expectSame { $0.hostName = name } }
        try await expectSame { $0.uptimeName = .online }
    }

    @Test func namesAndKindsOfTotalsAreEquivalent() async throws {
        try await expectSame { $0.bucketIDName = .unitID }
        try await expectSame { $0.omitsIdleBuckets = true }
        for names in APIDialect.TotalsNames.allCases {
            for kind in APIDialect.TotalsKind.allCases {
                try await expectSame {
                    $0.totalsNames = names
                    $0.totalsKind = kind
                }
            }
        }
    }

    @Test func wordsAndFormsAreEquivalent() async throws {
        try await expectSame { $0.azureWord = .azure }
        try await expectSame { $0.disconnectedWord = .error }
        try await expectSame { $0.onlineBucketWord = .active }
        try await expectSame { $0.list = .array }
        try await expectSame { $0.available = .envelope }
        try await expectSame { $0.clientFields = true }
    }
}
