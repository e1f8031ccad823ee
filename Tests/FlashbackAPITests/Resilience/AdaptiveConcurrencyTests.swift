import FlashbackAPI
import TestSupport
import Testing

@Suite("RequestBudget: how many at once")
struct AdaptiveConcurrencyTests {
    @Test("A complaint halves it, however many requests of the same time are complained about")
    func halves() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            var expected = 16
            for _ in 0..<6 {
                var places: [RequestBudget.Place] = []
                for _ in 0..<expected { places.append(try await budget.acquire(until: .seconds(1000))) }
                for place in places { budget.releaseThrottled(place, retryAfter: .seconds(1)) }
                expected = max(1, expected / 2)
                #expect(budget.currentConcurrency == expected)
                try await time.sleep(for: .seconds(2))
            }
            #expect(expected == 1)
        }
    }

    @Test("A round of successes makes room for one more, up to the limit")
    func recovers() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 8, time: time.source)
            budget.releaseThrottled(try await budget.acquire(until: .seconds(1)), retryAfter: .seconds(1))
            #expect(budget.currentConcurrency == 4)
            var rounds = 0
            while budget.currentConcurrency < 8, rounds < 100 {
                let before = budget.currentConcurrency
                for _ in 0..<(before + 1) {
                    budget.release(try await budget.acquire(until: .seconds(1000)), isSuccess: true)
                }
                rounds += 1
                #expect(budget.currentConcurrency == before + 1)
            }
            #expect(rounds == 4)
            for _ in 0..<1000 { budget.release(try await budget.acquire(until: .seconds(10_000)), isSuccess: true) }
            #expect(budget.currentConcurrency == 8)
        }
    }

    @Test("Failures that are no complaints change nothing")
    func failures() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 8, time: time.source)
            budget.releaseThrottled(try await budget.acquire(until: .seconds(1)), retryAfter: .seconds(1))
            for _ in 0..<100 { budget.release(try await budget.acquire(until: .seconds(1000)), isSuccess: false) }
            #expect(budget.currentConcurrency == 4)
        }
    }
}
