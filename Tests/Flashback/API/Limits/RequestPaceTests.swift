import Basics
import FlashbackAPI
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@Suite struct RequestPaceTests {
    @Test(arguments: [0.5, 3, 20, 70])
    func maximumRateHoldsSteadilyOverAMinute(_ rate: Double) async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, maximumRate: rate, time: time.source)
            let times = try await made(by: budget, from: 16, for: .seconds(60), time)
            #expect(abs(Double(times.count) - rate * 60) <= max(1, rate * 60 * 0.03))
            for second in 0..<60 where rate >= 1 {
                let count = times.count { $0 >= .seconds(second) && $0 < .seconds(second + 1) }
                #expect(Double(count) <= rate + 3, "second \(second)")
            }
        }
    }

    @Test func latenessOfTimersIsMadeUpFor() async throws {
        try await SimulatedTime.run { time in
            let late = TimeSource(clock: LateClock(clock: time.clock)) { time.now }
            let budget = RequestBudget(limit: 16, maximumRate: 20, time: late)
            let times = try await made(by: budget, from: 16, for: .seconds(60), time)
            #expect((1164...1236).contains(times.count))
        }
    }

    @Test func restIsFollowedByATenthOfASecondsRequestsAtMost() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, maximumRate: 20, time: time.source)
            budget.release(try await budget.acquire(until: .zero), isSuccess: true)
            try await time.sleep(until: .seconds(600))
            let times = try await made(by: budget, from: 100, for: .milliseconds(10), time)
            #expect((1...3).contains(times.count))
        }
    }

    @Test func noPaceWithoutRefusalsAndMaximum() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            #expect(budget.currentRate == nil)
            for _ in 0..<500 { budget.release(try await budget.acquire(until: .zero), isSuccess: true) }
            #expect(time.uptime == .zero)
        }
    }

    @Test func requestsKeepTheirDistanceAfterPauseAndRest() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, maximumRate: 10, time: time.source)
            try await complain(to: budget, retryAfter: .seconds(5))
            let rate = try #require(budget.currentRate)
            let times = try await made(by: budget, from: 100, for: .seconds(10), time)
            #expect(times.first == .seconds(5))
            for (earlier, later) in zip(times, times.dropFirst()) {
                #expect((later - earlier).inSeconds > 0.99 / (rate * 1.01))
            }
            try await time.sleep(for: .seconds(60.05))
            let afterRest = try await made(by: budget, from: 100, for: .seconds(1), time)
            for (earlier, later) in zip(afterRest, afterRest.dropFirst()) {
                #expect((later - earlier).inSeconds > 0.99 / (rate * 1.1))
            }
        }
    }

    @Test func paceStartsBelowTheRateOfTheFirstRefusal() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(50, at: 50, with: budget, time)
            try await complain(to: budget)
            #expect(abs(try #require(budget.currentRate) - 44) <= 2)
        }
    }

    @Test func firstRefusalAfterARestDoesNotCollapseThePace() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(50, at: 50, with: budget, time)
            try await time.sleep(for: .seconds(60))
            try await complain(to: budget)
            #expect(budget.currentRate == 8.75)
        }
    }

    @Test func seriesOfRefusalsReducesThePaceByAnEighth() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await complain(to: budget)
            for _ in 0..<5 {
                let rate = try #require(budget.currentRate)
                try await complain(to: budget)
                #expect(budget.currentRate == rate)
                try await make(300, at: .infinity, with: budget, time)
                #expect(try #require(budget.currentRate) > rate)
            }
            let rate = try #require(budget.currentRate)
            for _ in 0..<2 { try await complain(to: budget) }
            #expect(budget.currentRate == rate)
            try await complain(to: budget)
            #expect(budget.currentRate == rate * 0.875)
            for _ in 0..<200 { try await complain(to: budget) }
            #expect(budget.currentRate == 0.5)
        }
    }

    @Test func refusalWeighsAsMuchAsItsPause() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await complain(to: budget)
            #expect(budget.currentRate == 8.75)
            try await complain(to: budget, retryAfter: .seconds(60))
            #expect(budget.currentRate == 0.875 * 8.75)
        }
    }

    @Test func simultaneousRefusalsReduceThePaceOnce() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 40, maximumRate: 1000, time: time.source)
            try await make(1000, at: .infinity, with: budget, time)
            for expected in [875, 765.625] {
                var places: [RequestBudget.Place] = []
                for _ in 0..<20 { places.append(try await budget.acquire(until: .seconds(1000))) }
                for place in places { budget.releaseThrottled(place, retryAfter: .seconds(1)) }
                #expect(budget.currentRate == expected)
            }
        }
    }

    @Test func paceRisesWithItsUseOnly() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(100, at: 100, with: budget, time)
            try await complain(to: budget)
            let rate = try #require(budget.currentRate)
            try await time.sleep(for: .seconds(3600))
            #expect(budget.currentRate == rate, "no request was made, so nothing was learned")
            try await make(100, at: rate / 2, with: budget, time)
            #expect(budget.currentRate == rate, "fewer requests than allowed were made, so nothing was learned")
            let first = try await growth(in: .seconds(20), with: budget, time)
            #expect((1.03...1.06).contains(first))
            let second = try await growth(in: .seconds(20), with: budget, time)
            #expect((1.06...1.12).contains(second))
        }
    }

    @Test func paceNeverExceedsTheMaximum() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, maximumRate: 12, time: time.source)
            try await make(24, at: .infinity, with: budget, time)
            try await complain(to: budget)
            #expect(try #require(budget.currentRate) < 12)
            try await make(2000, at: .infinity, with: budget, time)
            #expect(budget.currentRate == 12)
        }
    }

    @Test func returnedPlaceDelaysNoOtherAndTeachesNothing() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 4, maximumRate: 10, time: time.source)
            try await complain(to: budget)
            let rate = try #require(budget.currentRate)
            for number in 0..<1000 {
                let place = try await budget.acquire(until: .seconds(1000))
                #expect(time.uptime.inSeconds < 0.0011 + 1 / rate, "number \(number)")
                budget.returnUnused(place)
            }
            #expect(budget.currentRate == rate)
            // All places have been returned, and only the pace delays the second one.
            let before = time.uptime
            _ = try await budget.acquire(until: .seconds(1000))
            _ = try await budget.acquire(until: .seconds(1000))
            #expect(abs((time.uptime - before).inSeconds - 1 / rate) < 0.001)
        }
    }

    /// The factor by which the rate changes while it is fully used for a duration.
    private func growth(in duration: Duration, with budget: RequestBudget, _ time: ManualTime) async throws -> Double {
        let before = try #require(budget.currentRate)
        _ = try await made(by: budget, from: 4, for: duration, time)
        return try #require(budget.currentRate) / before
    }

    /// Makes successful requests one after the other.
    private func make(_ count: Int, at rate: Double, with budget: RequestBudget, _ time: ManualTime) async throws {
        for _ in 0..<count {
            budget.release(try await budget.acquire(until: .seconds(1_000_000)), isSuccess: true)
            if rate.isFinite { try await time.sleep(for: .seconds(1 / rate)) }
        }
    }

    private func complain(to budget: RequestBudget, retryAfter: Duration = .milliseconds(1)) async throws {
        let place = try await budget.acquire(until: .seconds(1_000_000))
        budget.releaseThrottled(place, retryAfter: retryAfter)
    }

    /// The times of requests made by tasks that make one request after the other as fast as allowed.
    private func made(
        by budget: RequestBudget, from tasks: Int, for duration: Duration, _ time: ManualTime
    ) async throws -> [Duration] {
        let made = NIOLockedValueBox<[Duration]>([])
        let end = time.uptime + duration
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    while true {
                        let place = try await budget.acquire(until: .seconds(1_000_000))
                        let now = time.uptime
                        if now < end { made.withLockedValue { $0.append(now) } }
                        budget.release(place, isSuccess: true)
                        if now >= end { return }
                    }
                }
            }
            try await group.waitForAll()
        }
        return made.withLockedValue { $0 }
    }
}

/// A clock whose sleepers wake 20 ms late.
private struct LateClock: Clock {
    let clock: ManualClock

    var now: ManualClock.Instant { clock.now }
    var minimumResolution: Duration { clock.minimumResolution }

    func sleep(until deadline: ManualClock.Instant, tolerance: Duration?) async throws {
        try await clock.sleep(until: deadline.advanced(by: .milliseconds(20)), tolerance: tolerance)
    }
}
