import Testing

@testable import FlashbackCollectors

@Suite struct CycleTimeTests {
    @Test func longestRecentRenewalCounts() {
        var cycle = CycleTime()
        #expect(cycle.value == nil)
        cycle.renewed(after: .seconds(30), at: .seconds(100))
        cycle.renewed(after: .seconds(90), at: .seconds(110))
        cycle.renewed(after: .seconds(40), at: .seconds(120))
        #expect(cycle.value == .seconds(90))
    }

    @Test func longRenewalIsForgottenAfterTwoCycles() {
        var cycle = CycleTime()
        cycle.renewed(after: .seconds(90), at: .zero)
        for second in stride(from: 10, through: 300, by: 10) {
            cycle.renewed(after: .seconds(30), at: .seconds(second))
            if second <= 120 { #expect(cycle.value == .seconds(90), "at \(second) s") }
        }
        #expect(cycle.value == .seconds(30))
    }

    @Test func unchangedWithoutRenewals() {
        var cycle = CycleTime()
        cycle.renewed(after: .seconds(45), at: .seconds(10))
        #expect(cycle.value == .seconds(45))
        cycle.renewed(after: .seconds(46), at: .seconds(7200))
        #expect(cycle.value == .seconds(46))
    }

    @Test func workClockStopsWhileNothingIsDue() {
        var clock = WorkClock()
        clock.took(at: .seconds(1), leavesWork: true)
        clock.took(at: .seconds(2), leavesWork: true)
        clock.took(at: .seconds(5), leavesWork: false)
        #expect(clock.value(at: .seconds(100)) == .seconds(4))
        clock.took(at: .seconds(100), leavesWork: true)
        #expect(clock.value(at: .seconds(103)) == .seconds(7))
    }

    @Test func outageCountsAsALongWait() {
        var clock = WorkClock()
        clock.took(at: .zero, leavesWork: true)
        clock.took(at: .seconds(7200), leavesWork: true)
        #expect(clock.value == .seconds(120))
    }
}
