internal import NIOConcurrencyHelpers

/// A one-time event that any number of tasks can await; each wait can be cancelled.
///
/// Awaiting a task's value is not an alternative: such a wait does not end when the waiter is cancelled.
package final class CompletionSignal: Sendable {
    private enum State {
        case pending(next: Int, waiters: [Int: CheckedContinuation<Void, Never>])
        case complete
    }

    private let state = NIOLockedValueBox(State.pending(next: 0, waiters: [:]))

    /// A signal whose event has not happened yet.
    package init() {}

    /// Records the event and ends all waits. Further calls have no effect.
    package func complete() {
        let waiters = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
            guard case .pending(_, let waiters) = state else { return [] }
            state = .complete
            // In order of arrival; a dictionary's order differs in every process.
            return waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at completion, or when the task is cancelled.
    package func wait() async {
        let ticket = state.withLockedValue { state -> Int? in
            guard case .pending(let next, let waiters) = state else { return nil }
            state = .pending(next: next + 1, waiters: waiters)
            return next
        }
        guard let ticket else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLockedValue { state -> Bool in
                    guard case .pending(let next, var waiters) = state, !Task.isCancelled else { return false }
                    waiters[ticket] = continuation
                    state = .pending(next: next, waiters: waiters)
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
                guard case .pending(let next, var waiters) = state else { return nil }
                let waiter = waiters.removeValue(forKey: ticket)
                state = .pending(next: next, waiters: waiters)
                return waiter
            }
            waiter?.resume()
        }
    }

    /// Returns at completion, when the task is cancelled, or at a steady time.
    package func wait(until deadline: Duration, _ time: TimeSource) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
