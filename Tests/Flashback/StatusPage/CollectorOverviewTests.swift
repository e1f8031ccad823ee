import FlashbackStatusPage
import Foundation
import Testing

@Suite struct CollectorOverviewTests {
    private let now = Date(timeIntervalSince1970: 1_705_314_600)

    private func state(_ change: (inout CollectorOverview) -> Void) -> CollectorOverview.State {
        var collector = CollectorOverview(name: "status", hasRun: true, succeeded: true, lastSuccess: now - 10, servedFor: 150)
        change(&collector)
        return collector.state(at: now)
    }

    @Test func stateFollowsTheData() {
        #expect(state { _ in } == .good)
        #expect(state { $0.failingBuckets = 1 } == .partly)
        #expect(state { $0.succeeded = false } == .failing)
        #expect(state { $0.lastSuccess = now - 151 } == .stale)
        #expect(state { $0.lastSuccess = now - 150 } == .good)
        #expect(
            state {
                $0.succeeded = false; $0.lastSuccess = nil
            } == .failing)
        #expect(state { $0.hasRun = false } == .waiting)
        #expect(state { $0.isOn = false } == .off)
    }
}
