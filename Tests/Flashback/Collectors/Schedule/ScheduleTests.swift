import Basics
import FlashbackAPI
import Foundation
import TestSupport
import Testing

@testable import FlashbackCollectors

@Suite struct ScheduleTests {
    private static let status = QueueSimulation.Lane(lifetime: .seconds(30))
    private static let daily = QueueSimulation.Lane(lifetime: .seconds(300))
    private static let yesterday = QueueSimulation.Lane(lifetime: .seconds(3600))

    @Test func dueItemsAreRequestedOncePerLifetime() {
        var queue = QueueSimulation(lanes: [Self.status, Self.daily], places: 16) { _, _ in (.milliseconds(20), .succeeds) }
        queue.add(0..<100)
        queue.run(for: .seconds(3601))
        #expect((100 * 119...100 * 121).contains(queue.made[0]))
        #expect((100 * 12...100 * 13).contains(queue.made[1]))
        #expect(queue.schedule.freshness(of: .list).cycle == .seconds(30))
    }

    /// 600 buckets with three requests each, at 6.4 a second: a cycle of the statuses takes at least about 100 seconds.
    @Test func slowAPILosesNoDataAfterTheFirstCycle() {
        var queue = QueueSimulation(lanes: [Self.status, Self.daily, Self.yesterday], places: 16) { _, _ in
            (.milliseconds(2500), .succeeds)
        }
        queue.add(0..<600)
        queue.run(for: .seconds(285))
        for lane in 0..<3 { #expect(queue.served(lane) == 600, "lane \(lane)") }
        var nextCheck = queue.now
        queue.run(for: .seconds(3 * 3600)) { queue in
            guard queue.now >= nextCheck else { return }
            nextCheck = queue.now + .seconds(15)
            for lane in 0..<3 { #expect(queue.served(lane) == 600, "lane \(lane) at \(queue.now)") }
        }
        let cycle = queue.schedule.freshness(of: Schedule.Kind(isAccount: false, index: 0)).cycle
        #expect(try! #require(cycle) > .seconds(90))
        #expect(try! #require(cycle) < .seconds(160))
    }

    /// All daily statistics become invalid at midnight, at the same time.
    @Test func statusesSurviveTheMidnightStatistics() throws {
        let midnight = Date(timeIntervalSince1970: 1_705_363_200)
        var queue = QueueSimulation(
            lanes: [Self.status, Self.daily, Self.yesterday], places: 16, start: midnight - 1200
        ) { _, _ in (.milliseconds(2500), .succeeds) }
        queue.end = { lane, date in lane == 0 ? nil : date < midnight ? midnight : midnight + 86_400 }
        queue.add(0..<600)
        queue.run(for: .seconds(1200))
        var nextCheck = queue.now
        queue.run(for: .seconds(1800)) { queue in
            guard queue.now >= nextCheck else { return }
            nextCheck = queue.now + .seconds(15)
            #expect(queue.served(0) == 600, "at \(queue.now)")
        }
        // Everything was read again: the statuses took no more than their share of turns.
        #expect(queue.observedAt[1].values.allSatisfy { $0 >= .seconds(1200) })
        #expect(queue.observedAt[2].values.allSatisfy { $0 >= .seconds(1200) && $0 < .seconds(2400) })
    }

    @Test func bucketsThatTimeOutOccupyFewPlaces() {
        var queue = QueueSimulation(lanes: [Self.status], places: 16) { item, _ in
            // More buckets hang than there are places.
            if case .bucket(_, let slot, _) = item, slot % 10 == 0 { return (.seconds(30), .timesOut) }
            return (.milliseconds(100), .succeeds)
        }
        queue.add(0..<400)
        queue.run(for: .seconds(200))
        queue.resetGaps()
        queue.run(for: .seconds(300)) { queue in
            #expect(queue.schedule.underWay.values.count(where: \.isSuspect) <= 8)
        }
        #expect(queue.served(0) == 360)
        #expect(queue.observedAt[0].values.allSatisfy { queue.now - $0 < .seconds(60) })
    }

    @Test func outageIsNotALongCycle() throws {
        var queue = QueueSimulation(lanes: [Self.status], places: 4) { _, _ in (.milliseconds(50), .succeeds) }
        queue.add(0..<200)
        queue.run(for: .seconds(300))
        let before = try #require(queue.schedule.freshness(of: Schedule.Kind(isAccount: false, index: 0)).cycle)
        queue.setListReadable(false)
        queue.run(for: .seconds(7200))
        #expect(queue.served(0) == 0)
        queue.setListReadable(true)
        queue.run(for: .seconds(300))
        let after = try #require(queue.schedule.freshness(of: Schedule.Kind(isAccount: false, index: 0)).cycle)
        #expect(before < .seconds(40))
        #expect(after < .seconds(160), "two hours without requests do not count as a cycle")
        #expect(queue.served(0) == 200)
    }

    /// The times in seconds between the attempts of an item whose outcome is always the same.
    private static func gaps(_ outcome: QueueSimulation.Outcome, within duration: Duration) -> [Double] {
        var attempts: [Duration] = []
        var queue = QueueSimulation(lanes: [yesterday], places: 4) { _, _ in (.milliseconds(10), outcome) }
        queue.service = { item, now in
            if case .bucket = item { attempts.append(now) }
            return (.milliseconds(10), outcome)
        }
        queue.add([0])
        queue.run(for: duration)
        return zip(attempts, attempts.dropFirst()).map { ($1 - $0).inSeconds.rounded() }
    }

    @Test func failureIsRetriedWithinAnHourAndIncreasinglyRarely() {
        let gaps = Self.gaps(.fails, within: .seconds(4 * 3600))
        #expect(gaps.prefix(8) == [30, 60, 120, 240, 480, 960, 1920, 3600])
        #expect(gaps.dropFirst(8).allSatisfy { $0 == 3600 })
    }

    @Test func missingTokenDoesNotDelayTheNextAttemptFurther() {
        let gaps = Self.gaps(.lacksToken, within: .seconds(3600))
        #expect(gaps.count > 100)
        #expect(gaps.allSatisfy { $0 == 30 })
    }

    @Test func removedBucketIsNotRequestedAndItsSlotStartsAnew() {
        var asked: [Int] = []
        var queue = QueueSimulation(lanes: [Self.status], places: 1) { _, _ in (.milliseconds(10), .succeeds) }
        queue.service = { item, _ in
            if case .bucket(_, let slot, _) = item { asked.append(slot) }
            return (.milliseconds(10), .succeeds)
        }
        queue.add([0, 1, 2])
        queue.run(for: .seconds(1))
        queue.remove([1])
        queue.run(for: .seconds(60))
        #expect(asked.count(where: { $0 == 1 }) == 1)
        queue.add([1])
        queue.run(for: .seconds(1))
        #expect(asked.count(where: { $0 == 1 }) == 2)
    }

    private static let date = Date(timeIntervalSince1970: 1_705_314_600)

    private func timing(_ lane: QueueSimulation.Lane) -> ItemTiming {
        ItemTiming(CollectorLifetime(fresh: lane.lifetime, stale: lane.maxStale), mode: .background)
    }

    @Test func everythingElseWaitsForTheList() {
        var schedule = Schedule(accounts: [timing(Self.status), timing(Self.daily)], lanes: [], places: 4)
        #expect(schedule.next(at: .zero, Self.date, upTo: .zero) == .account(0))
        #expect(schedule.next(at: .zero, Self.date, upTo: .zero) == nil)
        // Even if it fails: the totals can be read without it.
        schedule.ended(.account(0), .failed(timedOut: false), at: .seconds(1))
        #expect(schedule.next(at: .seconds(1), Self.date, upTo: .seconds(1)) == .account(1))
    }

    /// Here, an observation is served for 150 seconds. Renewing it takes precedence only before that time is over.
    @Test(arguments: [(149, [0, 1, 2]), (151, [1, 2, 0])])
    func observationThatIsNoLongerServedIsNotUrgent(_ second: Int, _ expected: [Int]) {
        var schedule = Schedule(accounts: [timing(Self.yesterday)], lanes: [timing(Self.status)], places: 4)
        func slots(of count: Int, at now: Duration) -> [Int] {
            (0..<count).compactMap { _ in
                guard let item = schedule.next(at: now, Self.date, upTo: now) else { return nil }
                schedule.ended(item, .succeeded(validity: nil), at: now)
                return if case .bucket(_, let slot, _) = item { slot } else { nil }
            }
        }
        schedule.requestsBuckets = true
        schedule.add(slots: [0], at: .zero)
        #expect(slots(of: 2, at: .zero) == [0], "the list, and the bucket")
        schedule.add(slots: [1, 2], at: .seconds(second))
        #expect(slots(of: 3, at: .seconds(second)) == expected)
    }

    /// Random mixes of lifetimes, service times, failures, time-outs, deletions and pauses: no item waits longer than its share.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func noItemWaitsLongerThanItsShare(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lanes = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            QueueSimulation.Lane(lifetime: .seconds([5, 15, 30, 60, 300, 900].randomElement(using: &random) ?? 30))
        }
        let places = Int.random(in: 1...20, using: &random)
        let buckets = Int.random(in: 1...150, using: &random)
        let mean = Double.random(in: 0.01...0.5, using: &random)
        let failures = Double.random(in: 0...0.3, using: &random)
        var service = SeededGenerator(seed: seed &+ 1000)
        var queue = QueueSimulation(lanes: lanes, places: places) { _, _ in
            let duration = Duration.seconds(Double.random(in: 0.5...1.5, using: &service) * mean)
            return (duration, Double.random(in: 0...1, using: &service) < failures ? .fails : .succeeds)
        }
        queue.add(0..<buckets)
        // The number of lifetimes that a round takes when there is not enough time for everything, with each lane in proportion to its
        // lifetime.
        let demand = lanes.reduce(0) { $0 + Double(buckets) / $1.lifetime.inSeconds } + 1.0 / 30
        let slowness = max(1, demand * mean / Double(places))
        let longest = lanes.map(\.lifetime.inSeconds).max() ?? 30
        let firstRound = Double(buckets * lanes.count) * mean / Double(places)
        queue.run(for: .seconds(firstRound + 3 * slowness * longest))
        queue.resetGaps()
        var paused = 0.0
        for _ in 0..<20 {
            let gone = Int.random(in: 0..<buckets, using: &random)
            queue.remove([gone])
            let pause = Double.random(in: 0...5, using: &random)
            queue.pausedUntil = queue.now + .seconds(pause)
            paused += pause
            queue.run(for: .seconds(slowness * longest / 10 + pause))
            queue.add([gone])
            queue.run(for: .seconds(1))
        }
        for (lane, gap) in queue.longestGap.enumerated() {
            // The lifetime times the load, the pauses, and a little for the turns of new buckets.
            let share = 1.6 * slowness * lanes[lane].lifetime.inSeconds + paused + 3 * mean + firstRound * 0.5 + 2
            #expect(gap.inSeconds <= share, "lane \(lane): \(gap) with \(lanes), slowness \(slowness)")
        }
    }
}
