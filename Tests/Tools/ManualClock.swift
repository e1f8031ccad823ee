import NIOConcurrencyHelpers

/// A clock that only a test advances.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        let offset: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextSleeper = 0
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// The sleepers that are due, ordered by their deadlines and then by the start of their sleep.
        mutating func takeDue() -> [CheckedContinuation<Void, any Error>] {
            let due = sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value.continuation)
        }
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    package var now: Instant { state.withLockedValue { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// The number of sleeping tasks.
    package var sleepers: Int { state.withLockedValue { $0.sleepers.count } }

    /// Advances the clock and wakes the sleepers that are due.
    package func advance(by duration: Duration) {
        let woken = state.withLockedValue { state in
            state.now = state.now.advanced(by: duration)
            return state.takeDue()
        }
        for continuation in woken { continuation.resume() }
    }

    /// Advances the clock to the deadline of the next sleeper, and wakes all sleepers that are due then.
    /// - Returns: whether any task slept.
    package func advanceToNextSleeper() -> Bool {
        let woken = state.withLockedValue { state in
            guard let next = state.sleepers.values.map(\.deadline).min() else { return [CheckedContinuation<Void, any Error>]() }
            state.now = max(state.now, next)
            return state.takeDue()
        }
        for continuation in woken { continuation.resume() }
        return !woken.isEmpty
    }

    /// Waits until at least a number of tasks sleep.
    package func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLockedValue { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLockedValue { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                enum Outcome {
                    case sleeps([CheckedContinuation<Void, Never>])
                    case isPast, isCancelled
                }
                let outcome = state.withLockedValue { state -> Outcome in
                    if Task.isCancelled { return .isCancelled }
                    if deadline <= state.now { return .isPast }
                    state.sleepers[id] = (deadline, continuation)
                    let ready = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return .sleeps(ready)
                }
                switch outcome {
                case .sleeps(let watchers): for watcher in watchers { watcher.resume() }
                case .isPast: continuation.resume()
                case .isCancelled: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let sleeper = state.withLockedValue { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
