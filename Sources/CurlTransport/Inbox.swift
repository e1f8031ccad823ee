internal import NIOConcurrencyHelpers

/// Hands new transfers and cancellations over to the transport's thread, in batches.
final class Inbox: Sendable {
    /// What has arrived since the thread looked last.
    struct Batch {
        var submissions: [Submission] = []
        var cancellations: [Ticket] = []
        var isClosed = false
    }

    private struct State {
        var arrived = Batch()
        /// The thread polls, or is about to, and must be woken. While it works it looks in again by itself, so that a wake-up,
        /// which is a system call, is needed once a batch at most.
        var threadSleeps = false
        /// Nil once the handle behind it is gone.
        var wakeup: MultiWakeup?

        mutating func wake() {
            guard threadSleeps else { return }
            threadSleeps = false
            wakeup?()
        }
    }

    private let state: NIOLockedValueBox<State>

    init(wakeup: MultiWakeup) {
        state = NIOLockedValueBox(State(wakeup: wakeup))
    }

    // MARK: For any thread

    /// - Returns: false when the inbox is closed, and the submission is left to the caller.
    func submit(_ submission: Submission) -> Bool {
        state.withLockedValue { state in
            guard !state.arrived.isClosed else { return false }
            state.arrived.submissions.append(submission)
            state.wake()
            return true
        }
    }

    /// Asks for a transfer to be given up. Nothing happens when it has finished, or was not submitted before.
    func cancel(_ ticket: Ticket) {
        state.withLockedValue { state in
            guard !state.arrived.isClosed else { return }
            state.arrived.cancellations.append(ticket)
            state.wake()
        }
    }

    /// Takes nothing more, and tells the thread to end.
    func close() {
        state.withLockedValue { state in
            state.arrived.isClosed = true
            state.wake()
        }
    }

    // MARK: For the transport's thread

    /// Takes what has arrived. The arrays of `batch`, the one before, are emptied and used for what arrives next.
    func collect(into batch: inout Batch) {
        batch.submissions.removeAll(keepingCapacity: true)
        batch.cancellations.removeAll(keepingCapacity: true)
        state.withLockedValue { state in
            batch.isClosed = state.arrived.isClosed
            swap(&batch, &state.arrived)
            state.threadSleeps = false
        }
    }

    /// Called before polling; when it returns false something has arrived that would not end the poll.
    func prepareToSleep() -> Bool {
        state.withLockedValue { state in
            guard state.arrived.submissions.isEmpty, state.arrived.cancellations.isEmpty, !state.arrived.isClosed else {
                return false
            }
            state.threadSleeps = true
            return true
        }
    }

    /// Called before the handle that the wake-up speaks to is cleaned up.
    func forgetWakeup() {
        state.withLockedValue { $0.wakeup = nil }
    }
}
