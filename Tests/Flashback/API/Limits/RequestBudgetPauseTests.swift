import FlashbackAPI
import NIOConcurrencyHelpers
import TestSupport
import TestTools
import Testing

@Suite struct RequestBudgetPauseTests {
    private let time = ManualTime()
    private let deadline = Duration.seconds(30)

    private func budget(_ limit: Int) -> RequestBudget { RequestBudget(limit: limit, time: time.source, jitter: { 0 }) }

    /// Starts a task that waits for a place, and returns once it is in line.
    private func waiter(
        _ budget: RequestBudget, _ body: @escaping @Sendable (RequestBudget.Place) -> Void
    ) -> Task<Bool, Never> {
        // The task runs here until it waits in line.
        Task.immediate { [deadline] in
            guard let place = try? await budget.acquire(until: deadline) else { return false }
            body(place)
            return true
        }
    }

    @Test func cancelledWaiterLeavesTheLine() async throws {
        let budget = budget(1)
        let first = try await budget.acquire(until: deadline)
        let impatient = waiter(budget) { _ in Issue.record("it was served") }
        let patient = waiter(budget) { budget.release($0, isSuccess: false) }
        impatient.cancel()
        #expect(await !impatient.value)
        budget.release(first, isSuccess: false)
        #expect(await patient.value)
        #expect(await waiter(budget) { budget.release($0, isSuccess: false) }.value)
    }

    @Test func pauseBeyondTheDeadlineIsNotWaitedFor() async throws {
        let budget = budget(2)
        let place = try await budget.acquire(until: deadline)
        budget.releaseThrottled(place, retryAfter: .seconds(60))
        await #expect(throws: RequestBudget.AcquireError.paused(until: .seconds(60))) {
            try await budget.acquire(until: deadline)
        }
        time.advance(by: .seconds(60))
        _ = try await budget.acquire(until: .seconds(90))
    }

    @Test func allRequestsWaitForAPause() async throws {
        let budget = budget(2)
        let place = try await budget.acquire(until: deadline)
        budget.releaseThrottled(place, retryAfter: .seconds(5))
        #expect(budget.pauseEnd == .seconds(5))
        // Without this, there would be no sleepers to wait for.
        try #require(budget.placeAtOnce() == nil)
        let waiters = [
            waiter(budget) { budget.release($0, isSuccess: true) },
            waiter(budget) { budget.release($0, isSuccess: true) },
        ]
        await time.clock.waitForSleepers()
        time.advance(by: .seconds(5))
        // The pace delays the second request for a while.
        #expect(budget.pauseEnd == nil)
        for waiter in waiters {
            let mover = Task {
                while !Task.isCancelled {
                    time.advance(by: .milliseconds(100))
                    await Task.yield()
                }
            }
            #expect(await waiter.value)
            mover.cancel()
        }
    }

    @Test func simultaneousRefusalsAreOnePause() async throws {
        let budget = budget(8)
        let places = [try await budget.acquire(until: deadline), try await budget.acquire(until: deadline)]
        budget.releaseThrottled(places[0], retryAfter: nil)
        #expect(budget.pauseEnd == .milliseconds(500))
        budget.releaseThrottled(places[1], retryAfter: nil)
        #expect(budget.pauseEnd == .milliseconds(500))
    }

    @Test func returnedPlaceServesTheNextInLine() async throws {
        let budget = budget(1)
        let first = try await budget.acquire(until: deadline)
        let next = waiter(budget) { budget.release($0, isSuccess: true) }
        budget.returnUnused(first)
        #expect(await next.value)
        _ = try await budget.acquire(until: deadline)
    }

    @Test func returnedPlaceDoesNotEndTheSeriesOfPauses() async throws {
        let budget = budget(8)
        budget.releaseThrottled(try await budget.acquire(until: deadline), retryAfter: nil)
        time.advance(by: .seconds(1))
        budget.returnUnused(try await budget.acquire(until: deadline))
        budget.releaseThrottled(try await budget.acquire(until: deadline), retryAfter: nil)
        // The second pause is twice as long as the first, because no request succeeded in between.
        #expect(budget.pauseEnd == .seconds(2))
    }
}
