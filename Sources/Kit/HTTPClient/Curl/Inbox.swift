internal import NIOConcurrencyHelpers

/// Hands new transfers, cancellations and the jobs of tasks that prefer the transport's thread over to it, in batches.
final class Inbox: TaskExecutor {
    /// What has arrived since the thread looked last.
    struct Batch {
        var submissions: [Submission] = []
        var cancellations: [Ticket] = []
        /// What tasks that prefer the thread do next.
        var jobs: [UnownedJob] = []
        var isClosed = false

        var isEmpty: Bool { submissions.isEmpty && cancellations.isEmpty && jobs.isEmpty && !isClosed }
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

    /// Has a job run on the transport's thread, or on any once the inbox is closed.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isTaken = state.withLockedValue { state in
            guard !state.arrived.isClosed else { return false }
            state.arrived.jobs.append(job)
            state.wake()
            return true
        }
        if !isTaken { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
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
        batch.jobs.removeAll(keepingCapacity: true)
        state.withLockedValue { state in
            batch.isClosed = state.arrived.isClosed
            swap(&batch, &state.arrived)
            state.threadSleeps = false
        }
    }

    /// Called before polling; when it returns false something has arrived that would not end the poll.
    func prepareToSleep() -> Bool {
        state.withLockedValue { state in
            guard state.arrived.isEmpty else { return false }
            state.threadSleeps = true
            return true
        }
    }

    /// Called before the handle that the wake-up speaks to is cleaned up.
    func forgetWakeup() {
        state.withLockedValue { $0.wakeup = nil }
    }
}

/// A transfer on its way to the transport's thread, which resumes the continuation exactly once.
struct Submission: Sendable {
    let ticket: Ticket
    let request: PreparedRequest
    let continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>
}

/// Names one transfer, by its identity, to the thread that carries it.
final class Ticket: Sendable {}
