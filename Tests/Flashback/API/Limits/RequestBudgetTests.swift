import Basics
import FlashbackAPI
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct RequestBudgetTests {
    @Test func requestsUnderWayNeverExceedTheLimit() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 7, time: time.source)
            let underWay = NIOLockedValueBox((now: 0, most: 0))
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let place = try await budget.acquire(until: .seconds(1000))
                        underWay.withLockedValue { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        try await time.sleep(for: .milliseconds(10 + number % 7))
                        underWay.withLockedValue { $0.now -= 1 }
                        budget.release(place, isSuccess: true)
                    }
                }
                try await group.waitForAll()
            }
            #expect(underWay.withLockedValue { $0.most } == 7)
        }
    }

    @Test func waitersAreServedInOrderOfArrival() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source)
            let served = NIOLockedValueBox<[Int]>([])
            let first = try await budget.acquire(until: .seconds(1000))
            try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask {
                        // One after the other, so that their order in line is known.
                        try await time.sleep(until: .milliseconds(number + 1))
                        let place = try await budget.acquire(until: .seconds(1000))
                        served.withLockedValue { $0.append(number) }
                        budget.release(place, isSuccess: true)
                    }
                }
                try await time.sleep(until: .seconds(1))
                budget.release(first, isSuccess: true)
                try await group.waitForAll()
            }
            #expect(served.withLockedValue { $0 } == Array(0..<50))
        }
    }

    @Test func newRequestsDoNotOvertakeWaitingOnes() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 4, maximumRate: 1, time: time.source)
            let served = NIOLockedValueBox<[Int]>([])
            try await withThrowingTaskGroup { group in
                for number in 0..<6 {
                    group.addTask {
                        // Every other cancellation comes exactly when the next in line is due to get a place.
                        try await time.sleep(until: .milliseconds(500 * number))
                        let place = try await budget.acquire(until: .seconds(1000))
                        served.withLockedValue { $0.append(number) }
                        budget.release(place, isSuccess: true)
                    }
                }
                try await group.waitForAll()
            }
            #expect(served.withLockedValue { $0 } == Array(0..<6))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func thousandRandomCancellationsLoseNoPlace(seed: UInt64) async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 5, time: time.source)
            let served = NIOLockedValueBox(0)
            var random = SeededGenerator(seed: seed)
            var tasks: [(task: Task<Void, any Error>, cancelledAt: Duration?)] = []
            for number in 0..<1500 {
                let start = Duration.microseconds(Int.random(in: 0...100_000, using: &random))
                let work = Duration.microseconds(Int.random(in: 0...2000, using: &random))
                let task = Task {
                    try? await time.source.sleep(until: start)
                    let place = try await budget.acquire(until: .seconds(1000))
                    try? await time.sleep(for: work)
                    budget.release(place, isSuccess: true)
                    served.withLockedValue { $0 += 1 }
                }
                let cancelledAt = number < 1000 ? start + .microseconds(Int.random(in: -10...20_000, using: &random)) : nil
                tasks.append((task, cancelledAt))
            }
            await withTaskGroup { group in
                for (task, cancelledAt) in tasks {
                    guard let cancelledAt else { continue }
                    group.addTask {
                        try? await time.source.sleep(until: cancelledAt)
                        task.cancel()
                    }
                }
            }
            var refused = 0
            for (task, cancelledAt) in tasks {
                do {
                    try await task.value
                } catch {
                    #expect(error as? RequestBudget.AcquireError == .cancelled)
                    #expect(cancelledAt != nil)
                    refused += 1
                }
            }
            #expect(served.withLockedValue { $0 } == 1500 - refused)
            #expect(refused > 300, "too few were cancelled while waiting to prove anything")
            // All places have been returned: five can be taken at once, but not a sixth.
            for _ in 0..<5 { _ = try await budget.acquire(until: time.uptime) }
            let sixth = Task { try await budget.acquire(until: .seconds(1000)) }
            try await time.sleep(for: .seconds(60))
            sixth.cancel()
            await #expect(throws: RequestBudget.AcquireError.cancelled) { try await sixth.value }
        }
    }

    @Test func cancelledTaskGetsNoPlace() async throws {
        try await SimulatedTime.run { time in
            let budget = RequestBudget(limit: 1, time: time.source)
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await budget.acquire(until: .seconds(1))
            }
            task.cancel()
            await #expect(throws: RequestBudget.AcquireError.cancelled) { try await task.value }
            _ = try await budget.acquire(until: .seconds(1))
        }
    }
}
