import FlashbackAPI
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct ThrottlePauseTests {
    @Test func refusalPausesAllRequestsUntilRetryAfter() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 4, time: time.source)
            let places = try await [budget.acquire(until: .seconds(100)), budget.acquire(until: .seconds(100))]
            budget.releaseThrottled(places[0], retryAfter: .seconds(7))
            // Neither the request in progress nor its success ends the pause.
            budget.release(places[1], isSuccess: true)
            let served = NIOLockedValueBox<[Duration]>([])
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await time.sleep(until: .milliseconds(400 * number))
                        let place = try await budget.acquire(until: .seconds(100))
                        served.withLockedValue { $0.append(time.uptime) }
                        budget.release(place, isSuccess: true)
                    }
                }
                try await group.waitForAll()
            }
            let times = served.withLockedValue { $0 }
            #expect(times.count == 20)
            #expect(times.allSatisfy { $0 >= .seconds(7) })
            #expect(times.first == .seconds(7))
        }
    }

    @Test func requestThatCannotOutlastThePauseFailsAtOnce() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source)
            let place = try await budget.acquire(until: .seconds(100))
            let inLine = Task { try await budget.acquire(until: .seconds(29)) }
            let patient = Task { try await budget.acquire(until: .seconds(30)) }
            try await time.sleep(until: .seconds(1))
            budget.releaseThrottled(place, retryAfter: .seconds(29))
            await #expect(throws: RequestBudget.AcquireError.paused(until: .seconds(30))) { try await inLine.value }
            await #expect(throws: RequestBudget.AcquireError.paused(until: .seconds(30))) {
                try await budget.acquire(until: .milliseconds(29_999))
            }
            #expect(time.uptime == .seconds(1), "they were notified too late")
            _ = try await patient.value
            #expect(time.uptime == .seconds(30))
        }
    }

    @Test func laterRefusalOnlyLengthensThePause() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 3, time: time.source)
            var places: [RequestBudget.Place] = []
            for _ in 0..<3 { places.append(try await budget.acquire(until: .seconds(1))) }
            budget.releaseThrottled(places[0], retryAfter: .seconds(10))
            budget.releaseThrottled(places[1], retryAfter: .seconds(2))
            #expect(budget.pauseEnd == .seconds(10))
            budget.releaseThrottled(places[2], retryAfter: .seconds(20))
            #expect(budget.pauseEnd == .seconds(20))
        }
    }

    @Test func pausesDoubleUpToAMinuteWithoutRetryAfterAndResetOnSuccess() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source, jitter: { 1 })
            func pause() async throws -> Duration {
                let place = try await budget.acquire(until: .seconds(10_000))
                let start = time.uptime
                budget.releaseThrottled(place, retryAfter: nil)
                return try #require(budget.pauseEnd) - start
            }
            var pauses: [Duration] = []
            for _ in 0..<8 { pauses.append(try await pause()) }
            #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
            let place = try await budget.acquire(until: .seconds(10_000))
            budget.release(place, isSuccess: true)
            #expect(try await pause() == .seconds(1))
        }
    }

    @Test(arguments: [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
    func jitterIsUpToHalfOfAChosenPause(_ jitter: Double, _ seconds: Double) async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source, jitter: { jitter })
            budget.releaseThrottled(try await budget.acquire(until: .seconds(1)), retryAfter: nil)
            #expect(budget.pauseEnd == .seconds(seconds))
        }
    }

    @Test func retryAfterHasNoJitter() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source, jitter: { 0 })
            budget.releaseThrottled(try await budget.acquire(until: .seconds(1)), retryAfter: .seconds(3))
            #expect(budget.pauseEnd == .seconds(3))
        }
    }

    /// A date in the past also results in zero.
    @Test func retryAfterOfZeroIsTreatedAsMissing() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source, jitter: { 1 })
            budget.releaseThrottled(try await budget.acquire(until: .seconds(1)), retryAfter: .zero)
            #expect(budget.pauseEnd == .seconds(1))
        }
    }

    @Test func simultaneousRefusalsMakeOneChosenPause() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 8, time: time.source, jitter: { 1 })
            var places: [RequestBudget.Place] = []
            for _ in 0..<8 { places.append(try await budget.acquire(until: .seconds(1))) }
            for place in places { budget.releaseThrottled(place, retryAfter: nil) }
            #expect(budget.pauseEnd == .seconds(1))
        }
    }
}
