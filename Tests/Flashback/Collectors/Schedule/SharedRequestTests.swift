import Basics
import Foundation
import TestSupport
import Testing

@testable import FlashbackCollectors

/// Items that are taken together to share a request.
@Suite struct SharedRequestTests {
    private static let date = Date(timeIntervalSince1970: 1_705_314_600)

    private func schedule(lanes: [Duration] = [.seconds(30), .seconds(300)], slots: Range<Int>) -> Schedule {
        func timing(_ lifetime: Duration) -> ItemTiming {
            ItemTiming(CollectorLifetime(fresh: lifetime, stale: .seconds(120)), mode: .background)
        }
        var schedule = Schedule(accounts: [timing(.seconds(30))], lanes: lanes.map(timing), places: 16)
        guard let list = schedule.next(at: .zero, Self.date, upTo: .zero) else { return schedule }
        schedule.ended(list, .succeeded(validity: nil), at: .zero)
        schedule.requestsBuckets = true
        schedule.add(slots: Array(slots), at: .zero)
        return schedule
    }

    /// Takes an item and the items that share its request.
    private func take(
        from schedule: inout Schedule, at now: Duration, most: Int = 100, where isWanted: (Int) -> Bool = { _ in true }
    ) -> [Schedule.Item] {
        guard let first = schedule.next(at: now, Self.date, upTo: now) else { return [] }
        var count = 1
        return [first]
            + schedule.takeAlong(with: first, at: now, Self.date, upTo: now) { slot in
                guard isWanted(slot) else { return .skip }
                guard count < most else { return .stop }
                count += 1
                return .take
            }
    }

    private func slots(_ items: [Schedule.Item], lane: Int) -> [Int] {
        items.compactMap { if case .bucket(lane, let slot, _) = $0 { slot } else { nil } }
    }

    @Test func itemsOfOneLaneAreTakenInOrderUpToTheLimit() {
        var schedule = schedule(slots: 0..<5)
        #expect(slots(take(from: &schedule, at: .zero, most: 3), lane: 0) == [0, 1, 2])
        #expect(slots(take(from: &schedule, at: .zero, most: 3), lane: 1) == [0, 1, 2])
        #expect(slots(take(from: &schedule, at: .zero, most: 3), lane: 0) == [3, 4])
        #expect(slots(take(from: &schedule, at: .zero, most: 3), lane: 1) == [3, 4])
        #expect(take(from: &schedule, at: .zero).isEmpty)
        #expect(schedule.underWay.count == 10)
    }

    @Test func itemsThatMayNotShareStayInTheirPlace() {
        var schedule = schedule(lanes: [.seconds(30)], slots: 0..<4)
        #expect(slots(take(from: &schedule, at: .zero) { $0 != 1 }, lane: 0) == [0, 2, 3])
        #expect(slots(take(from: &schedule, at: .zero), lane: 0) == [1])
    }

    @Test func itemsThatWereNotRequestedReturnInTheirOrder() {
        var schedule = schedule(lanes: [.seconds(30)], slots: 0..<4)
        let items = take(from: &schedule, at: .zero, most: 3)
        for item in items.reversed() { schedule.ended(item, .notAsked, at: .seconds(1)) }
        #expect(slots(take(from: &schedule, at: .seconds(1)), lane: 0) == [0, 1, 2, 3])
    }

    @Test func itemsKeepTheirDueTimesAndIncludeThoseDueSoon() {
        var schedule = schedule(lanes: [.seconds(80)], slots: 0..<3)
        for (slot, second) in [1, 4, 20].enumerated() {
            let items = take(from: &schedule, at: .seconds(second), most: 1)
            #expect(slots(items, lane: 0) == [slot])
            for item in items { schedule.ended(item, .succeeded(validity: nil), at: .seconds(second)) }
        }
        #expect(take(from: &schedule, at: .seconds(80)).allSatisfy { $0 == .account(0) })
        #expect(slots(take(from: &schedule, at: .seconds(81)), lane: 0) == [0, 1])
        #expect(slots(take(from: &schedule, at: .seconds(99)), lane: 0).isEmpty)
        #expect(slots(take(from: &schedule, at: .seconds(100)), lane: 0) == [2])
    }

    @Test func removedBucketLeavesItsBatchWithoutAffectingTheOthers() {
        var schedule = schedule(lanes: [.seconds(30)], slots: 0..<3)
        let items = take(from: &schedule, at: .zero)
        schedule.remove(slot: 0)
        for item in items { schedule.ended(item, .succeeded(validity: nil), at: .seconds(1)) }
        #expect(schedule.underWay.isEmpty)
        _ = schedule.next(at: .seconds(30), Self.date, upTo: .seconds(30))
        #expect(slots(take(from: &schedule, at: .seconds(31)), lane: 0).sorted() == [1, 2])
    }

    @Test func itemsThatTimedOutTogetherCountAsOneSuspect() {
        var schedule = schedule(lanes: [.seconds(30)], slots: 0..<40)
        let items = [take(from: &schedule, at: .zero, most: 20), take(from: &schedule, at: .zero, most: 20)]
        for item in items.joined() { schedule.ended(item, .failed(timedOut: true), at: .seconds(1)) }
        _ = schedule.next(at: .seconds(40), Self.date, upTo: .seconds(40))
        let again = [take(from: &schedule, at: .seconds(40), most: 20), take(from: &schedule, at: .seconds(40), most: 20)]
        #expect(again.map { slots($0, lane: 0).count } == [20, 20])
        for item in again.joined() { schedule.ended(item, .succeeded(validity: nil), at: .seconds(41)) }
        #expect(slots(take(from: &schedule, at: .seconds(75)), lane: 0).count == 40)
    }

    @Test func dueRequestsAreCountedInsteadOfItems() {
        let schedule = schedule(slots: 0..<450)
        #expect(schedule.dueCount(upTo: .zero) == 900)
        #expect(schedule.dueRequests(upTo: .zero, itemsPerRequest: [200, 1]) == 3 + 450)
    }
}
