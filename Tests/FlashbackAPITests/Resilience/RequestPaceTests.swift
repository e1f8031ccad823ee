import FlashbackAPI
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite("RequestBudget: how many a second")
struct RequestPaceTests {
    @Test("The maximum rate holds over a minute, steadily", arguments: [0.5, 3, 20, 70])
    func maximumRate(_ rate: Double) async throws {
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

    @Test("What late timers lose is made up for")
    func lateTimers() async throws {
        try await SimulatedTime.run { time in
            let late = TimeSource(clock: LateClock(clock: time.clock)) { time.now }
            let budget = RequestBudget(limit: 16, maximumRate: 20, time: late)
            let times = try await made(by: budget, from: 16, for: .seconds(60), time)
            #expect((1164...1236).contains(times.count))
        }
    }

    @Test("After a rest no more than a tenth of a second's requests are made up for")
    func noBurstAfterRest() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, maximumRate: 20, time: time.source)
            budget.release(try await budget.acquire(until: .zero), isSuccess: true)
            try await time.sleep(until: .seconds(600))
            let times = try await made(by: budget, from: 100, for: .milliseconds(10), time)
            #expect((1...3).contains(times.count))
        }
    }

    @Test("Without a complaint and a maximum there is no pace")
    func unbounded() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            #expect(budget.currentRate == nil)
            for _ in 0..<500 { budget.release(try await budget.acquire(until: .zero), isSuccess: true) }
            #expect(time.uptime == .zero)
        }
    }

    @Test("It begins somewhat below the rate at which the first complaint came")
    func firstComplaint() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(50, at: 50, with: budget, time)
            try await complain(to: budget)
            #expect(abs(try #require(budget.currentRate) - 40) <= 2)
        }
    }

    @Test("A complaint after a rest does not slow it to a crawl")
    func complaintAfterRest() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(50, at: 50, with: budget, time)
            try await complain(to: budget)
            try await time.sleep(for: .seconds(60))
            try await complain(to: budget)
            #expect(try #require(budget.currentRate) >= 8)
        }
    }

    @Test("Each complaint takes a fifth, down to a request in two seconds")
    func decreases() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await complain(to: budget)
            var rate = try #require(budget.currentRate)
            for _ in 0..<4 {
                try await complain(to: budget)
                let next = try #require(budget.currentRate)
                #expect(abs(next - rate * 0.8) < 1e-9)
                rate = next
            }
            for _ in 0..<30 { try await complain(to: budget) }
            #expect(budget.currentRate == 0.5)
        }
    }

    @Test("It rises by a hundredth with each second's worth of successes, and not by itself")
    func increases() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, time: time.source)
            try await make(100, at: 100, with: budget, time)
            try await complain(to: budget)
            let rate = try #require(budget.currentRate)
            try await time.sleep(for: .seconds(3600))
            #expect(budget.currentRate == rate, "nothing was asked, so nothing was learned")
            let before = time.uptime
            try await make(Int(rate), at: .infinity, with: budget, time)
            let after = try #require(budget.currentRate)
            #expect(abs(after / rate - 1.01) < 0.001)
            #expect(abs((time.uptime - before).inSeconds - 1) < 0.15)
        }
    }

    @Test("It never rises above the maximum")
    func maximum() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 100, maximumRate: 12, time: time.source)
            try await make(24, at: .infinity, with: budget, time)
            try await complain(to: budget)
            #expect(try #require(budget.currentRate) < 12)
            try await make(2000, at: .infinity, with: budget, time)
            #expect(budget.currentRate == 12)
        }
    }

    /// Makes successful requests one after the other.
    private func make(_ count: Int, at rate: Double, with budget: RequestBudget, _ time: ManualTime) async throws {
        for _ in 0..<count {
            budget.release(try await budget.acquire(until: .seconds(1_000_000)), isSuccess: true)
            if rate.isFinite { try await time.sleep(for: .seconds(1 / rate)) }
        }
    }

    private func complain(to budget: RequestBudget) async throws {
        let place = try await budget.acquire(until: .seconds(1_000_000))
        budget.releaseThrottled(place, retryAfter: .milliseconds(1))
    }

    /// When requests were made by tasks that make one after the other as fast as they may.
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
