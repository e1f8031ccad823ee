import Foundation
import Testing

@testable import FlashbackCollectors
@testable import FlashbackStatusPage

@Suite struct CollectorStateTests {
    private let now = Date(timeIntervalSince1970: 1_705_314_600)

    private func state(
        failingBuckets: Int = 0, of report: CollectorReport? = nil, _ change: (inout CollectorReport) -> Void = { _ in }
    ) -> CollectorState {
        var report = report ?? .make("status", lastSuccess: now - 10, servedFor: 150)
        change(&report)
        return CollectorState(of: .init(name: "status", report: report, failingBuckets: failingBuckets), at: now)
    }

    @Test func stateFollowsTheLatestReport() {
        #expect(state() == .good)
        #expect(state(failingBuckets: 1) == .partly)
        #expect(state { $0.note(succeeded: false, at: now) } == .failing)
        #expect(state { $0.lastSuccess = now - 151 } == .stale)
        #expect(state { $0.lastSuccess = now - 150 } == .good)
        #expect(state(of: .make("status", lastSuccess: nil, succeeded: false)) == .failing)
        #expect(state(of: .make("status", hasRun: false)) == .waiting)
        #expect(CollectorState(of: .init(name: "status", report: nil), at: now) == .off)
    }
}
