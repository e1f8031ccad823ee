internal import NIOConcurrencyHelpers

/// Passes new transfers, cancellations and the jobs of tasks that prefer the transport's thread to that thread, in batches.
final class Inbox: TaskExecutor {
    /// What has arrived since the thread last looked.
    struct Batch {
        var submissions: [Submission] = []
        var cancellations: [TransferID] = []
        /// Jobs of tasks that prefer this thread.
        var jobs: [UnownedJob] = []
        var isClosed = false

        var isEmpty: Bool { submissions.isEmpty && cancellations.isEmpty && jobs.isEmpty && !isClosed }
    }

    private struct State {
        var arrived = Batch()
        /// The thread is polling, or about to poll, and must be woken. While it works, it checks the inbox by itself, so a batch needs at
        /// most one wake-up, which is a system call.
        var threadSleeps = false
        /// Nil once its handle has been cleaned up.
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

    /// - Returns: false when the inbox is closed; the caller keeps the submission.
    func submit(_ submission: Submission) -> Bool {
        state.withLockedValue { state in
            guard !state.arrived.isClosed else { return false }
            state.arrived.submissions.append(submission)
            state.wake()
            return true
        }
    }

    /// Requests the cancellation of a transfer. Has no effect if the transfer has finished or was not submitted yet.
    func cancel(_ ticket: TransferID) {
        state.withLockedValue { state in
            guard !state.arrived.isClosed else { return }
            state.arrived.cancellations.append(ticket)
            state.wake()
        }
    }

    /// Runs a job on the transport's thread, or on any thread once the inbox is closed.
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

    /// Rejects further submissions and makes the thread end.
    func close() {
        state.withLockedValue { state in
            state.arrived.isClosed = true
            state.wake()
        }
    }

    // MARK: For the transport's thread

    /// Takes what has arrived. The arrays of `batch` are emptied and reused for later arrivals.
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

    /// Called before polling. Returns false when something has already arrived, since that would not end the poll.
    func prepareToSleep() -> Bool {
        state.withLockedValue { state in
            guard state.arrived.isEmpty else { return false }
            state.threadSleeps = true
            return true
        }
    }

    /// Called before the wake-up's handle is cleaned up.
    func forgetWakeup() {
        state.withLockedValue { $0.wakeup = nil }
    }
}

/// A transfer on its way to the transport's thread, which resumes the continuation exactly once.
struct Submission: Sendable {
    let ticket: TransferID
    let request: PreparedRequest
    let continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>
}

/// Identifies a transfer by object identity.
final class TransferID: Sendable {}
