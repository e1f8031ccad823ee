import FlashbackAPI
import TestSupport
import Testing

@Suite struct AdaptiveConcurrencyTests {
    @Test func seriesOfRefusalsReducesTheLimitByAnEighthDownToOne() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            try await refuse(1, of: budget, time)
            #expect(budget.currentConcurrency == 14)
            try await refuse(3, of: budget, time)
            #expect(budget.currentConcurrency == 12)
            try await refuse(100, of: budget, time)
            #expect(budget.currentConcurrency == 1)
        }
    }

    @Test func successesRestoreTheLimitAfterOccasionalRefusals() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            try await refuse(7, of: budget, time)
            let fallen = budget.currentConcurrency
            #expect(fallen < 12)
            for _ in 0..<5 {
                let before = budget.currentConcurrency
                for _ in 0..<300 { budget.release(try await budget.acquire(until: .seconds(10_000)), isSuccess: true) }
                try await refuse(1, of: budget, time)
                #expect(budget.currentConcurrency >= before)
            }
            #expect(budget.currentConcurrency == 16)
        }
    }

    @Test func limitRecoversWhenItHoldsRequestsBack() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 16, time: time.source)
            try await refuse(22, of: budget, time)
            #expect(budget.currentConcurrency == 5)
            let start = time.uptime
            try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask {
                        while time.uptime < start + .seconds(300) {
                            let place = try await budget.acquire(until: .seconds(10_000))
                            try await time.sleep(for: .seconds(5))
                            budget.release(place, isSuccess: true)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(budget.currentConcurrency > 10)
        }
    }

    @Test func failuresOtherThanRefusalsDoNotChangeTheLimit() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 8, time: time.source)
            try await refuse(4, of: budget, time)
            let (concurrency, rate) = (budget.currentConcurrency, budget.currentRate)
            for _ in 0..<1000 { budget.release(try await budget.acquire(until: .seconds(10_000)), isSuccess: false) }
            #expect(budget.currentConcurrency == concurrency)
            #expect(budget.currentRate == rate)
        }
    }

    private func refuse(_ count: Int, of budget: RequestBudget, _ time: ManualTime) async throws {
        for _ in 0..<count {
            budget.releaseThrottled(try await budget.acquire(until: .seconds(10_000)), retryAfter: .milliseconds(1))
        }
    }
}
