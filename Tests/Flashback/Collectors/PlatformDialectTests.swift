import FlashbackCollectors
import FlashbackSimulator
import TestSupport
import Testing

/// Every dialect of repositories, nodes and traffic yields the same exposition.
@Suite struct PlatformDialectTests {
    private func body(_ change: (inout APIDialect) -> Void) async throws -> String {
        let account = try CollectedAccount(
            buckets: 12, nodes: 3, simulator: { change(&$0.dialect) },
            collection: { $0.collectors = [RepositoriesCollector.name, NodesCollector.name, TrafficCollector.name] })
        account.simulation.setStatus("DISCONNECTED", ofNode: account.simulation.nodes[0].ip)
        let body = String(decoding: await account.body(), as: UTF8.self)
        // The number of requests depends on the pages.
        return body.split(separator: "\n").filter { $0.contains(/flashback_(repository|node|bucket)_/) }.joined(separator: "\n")
    }

    private func expectSame(_ change: (inout APIDialect) -> Void, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        let (expected, changed) = (try await body { _ in }, try await body(change))
        for (one, other) in zip(expected.split(separator: "\n"), changed.split(separator: "\n")) where one != other {
            Issue.record("\(one) became \(other)", sourceLocation: sourceLocation)
            break
        }
        #expect(expected == changed, sourceLocation: sourceLocation)
        #expect(expected.count > 5000, sourceLocation: sourceLocation)
    }

    @Test func repositories() async throws {
        for name in APIDialect.RepositoryBucketsName.allCases {
            for id in APIDialect.BucketIDName.allCases {
                for form in APIDialect.RepositoryBucketForm.allCases {
                    try await expectSame {
                        $0.repositoryBucketsName = name
                        $0.bucketIDName = id
                        $0.repositoryBucketForm = form
                    }
                }
            }
        }
        for names in APIDialect.TotalsNames.allCases {
            for kind in APIDialect.TotalsKind.allCases {
                try await expectSame {
                    $0.totalsNames = names
                    $0.totalsKind = kind
                }
            }
        }
        try await expectSame { $0.omitsIdleBuckets = true }
        try await expectSame { $0.azureWord = .azure }
    }

    @Test func nodes() async throws {
        try await expectSame { $0.nodeList = .array }
        try await expectSame { $0.nodeLatencyName = .snakeCase }
        for name in APIDialect.NodeAddressName.allCases { try await expectSame { $0.nodeAddressName = name } }
        for word in APIDialect.OnlineNodeWord.allCases { try await expectSame { $0.onlineNodeWord = word } }
        for name in APIDialect.NodeStatusName.allCases { try await expectSame { $0.nodeStatusName = name } }
        for name in APIDialect.LastUpdatedName.allCases { try await expectSame { $0.lastUpdatedName = name } }
        try await expectSame { $0.disconnectedWord = .error }
    }

    @Test func traffic() async throws {
        for names in APIDialect.TrafficNames.allCases {
            for kind in APIDialect.TrafficKind.allCases {
                try await expectSame {
                    $0.trafficNames = names
                    $0.trafficKind = kind
                }
            }
        }
        try await expectSame { $0.maximumTrafficPageRows = 5 }
        try await expectSame {
            $0.maximumTrafficPageRows = 200
            $0.omitsTotalEntities = true
        }
    }
}
