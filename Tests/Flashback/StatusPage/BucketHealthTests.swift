import Basics
import FlashbackAPI
import Foundation
import Testing

@testable import FlashbackCollectors
@testable import FlashbackStatusPage

@Suite struct BucketHealthTests {
    private func health(
        _ listed: ReachabilityStatus? = .online, nodes: BucketNodes? = nil, readAt: Date? = nil, fails: Bool = false
    ) -> BucketHealth {
        BucketHealth(
            of: .make(
                "1", name: "a", listedStatus: listed, nodes: nodes, nodesReadAt: readAt,
                failures: fails ? [.init(collector: "daily", message: "HTTP 500")] : []))
    }

    private func nodes(online: Int, away: [ReachabilityStatus?] = []) -> BucketNodes {
        .make(online: online, away: away.map { .init(node: "n", region: nil, status: $0) })
    }

    @Test func bucketWithoutOnlineNodesIsUnreachable() {
        #expect(health(nodes: nodes(online: 0, away: [.offline, .disconnected])) == .unreachable)
        #expect(health(nodes: nodes(online: 0, away: [.unknown(word: "X"), nil])) == .unreachable)
        // Regardless of the other conditions.
        #expect(health(.online, nodes: nodes(online: 0, away: [.offline]), fails: true) == .unreachable)
    }

    @Test func bucketWithAFailingNodeIsDegraded() {
        #expect(health(nodes: nodes(online: 2, away: [.offline])) == .degraded)
        #expect(health(nodes: nodes(online: 2, away: [nil])) == .degraded)
        #expect(health(.offline, nodes: nodes(online: 1, away: [.unknown(word: "X")]), fails: true) == .degraded)
    }

    @Test func listStatusCountsWithoutNodes() {
        for silent in [nil, nodes(online: 0), nodes(online: 0, away: [nil, nil])] {
            #expect(health(.online, nodes: silent) == .well)
            #expect(health(.offline, nodes: silent) == .unreachable)
            #expect(health(.disconnected, nodes: silent) == .unreachable)
            #expect(health(.unknown(word: "X"), nodes: silent) == .unknown)
            #expect(health(nil, nodes: silent) == .unknown)
        }
    }

    @Test func contradictionOfListAndNodesIsUnknown() {
        #expect(health(.online, nodes: nodes(online: 3)) == .well)
        #expect(health(nil, nodes: nodes(online: 3)) == .well)
        #expect(health(.offline, nodes: nodes(online: 3)) == .unknown)
        #expect(health(.unknown(word: "X"), nodes: nodes(online: 3)) == .unknown)
    }

    @Test func failedOrStaleDataIsShown() {
        #expect(health(nodes: nodes(online: 3), readAt: Date(), fails: true) == .failing)
        #expect(health(nodes: nodes(online: 3), readAt: Date()) == .well)
        #expect(health(nodes: nil, readAt: Date()) == .outdated)
        #expect(health(nodes: nil, readAt: Date(), fails: true) == .failing)
        #expect(health(nodes: nil, readAt: nil) == .well)
    }

    @Test func unhealthyBucketsComeFirst() {
        #expect(BucketHealth.allCases.sorted() == BucketHealth.allCases)
        #expect(BucketHealth.allCases.last == .well)
    }
}
