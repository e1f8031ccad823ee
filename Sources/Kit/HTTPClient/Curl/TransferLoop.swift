internal import CLibcurl

/// The main loop of the transport's thread: takes transfers from the inbox, runs them with libcurl and resumes the awaiting
/// tasks, which also run on this thread if they prefer it. Used only on that thread.
final class TransferLoop {
    /// How many batches to take before libcurl runs. Between a response and its next request, a task runs several jobs, each of which
    /// arrives after the previous one. Tasks that never wait must not starve the transfers.
    private static let maximumBatches = 8

    private let multi: MultiHandle
    private let inbox: Inbox
    private let configuration: CurlTransportConfiguration
    private let bodies: BodyBudget
    private var batch = Inbox.Batch()

    /// All unfinished transfers.
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var origins: [Substring: OriginQueue] = [:]
    private var activeCount = 0
    private var idleHandles: [EasyHandle] = []
    /// No transfer's deadline is earlier than this.
    private var earliestDeadline: ContinuousClock.Instant?

    init(multi: MultiHandle, inbox: Inbox, configuration: CurlTransportConfiguration) {
        self.multi = multi
        self.inbox = inbox
        self.configuration = configuration
        bodies = BodyBudget(limit: configuration.maximumBytesInFlight)
    }

    /// Returns when the inbox has been closed and every transfer has ended.
    func run() {
        while takeFromInbox() {
            failOverdue()
            startWaiting()
            let hasCompletedAny = perform()
            // With HTTP/2, data for other transfers may have been read together with the data that completed one, and be buffered in
            // libcurl: a poll would not notice it and would sleep until its time-out.
            if !hasCompletedAny, inbox.prepareToSleep() {
                multi.poll(milliseconds: pollTimeout())
            }
        }
        end()
    }

    // MARK: From the inbox

    /// Takes what has arrived, including what its jobs submit.
    /// - Returns: false when the inbox is closed.
    private func takeFromInbox() -> Bool {
        for _ in 0..<Self.maximumBatches {
            inbox.collect(into: &batch)
            for submission in batch.submissions { accept(submission) }
            for ticket in batch.cancellations { cancel(ticket) }
            for job in batch.jobs { job.runSynchronously(on: inbox.asUnownedTaskExecutor()) }
            if batch.jobs.isEmpty || batch.isClosed { break }
        }
        return !batch.isClosed
    }

    private func accept(_ submission: Submission) {
        let origin = origin(of: submission.request)
        let transfer = Transfer(
            submission, origin: origin, maximumResponseBytes: configuration.maximumResponseBytes,
            share: BodyBudget.Share(of: bodies))
        transfers[ObjectIdentifier(transfer.ticket)] = transfer
        let deadline = transfer.request.deadline
        earliestDeadline = min(earliestDeadline ?? deadline, deadline)
        origin.append(transfer)
    }

    private func origin(of request: PreparedRequest) -> OriginQueue {
        if let known = origins[request.origin] { return known }
        if origins.count >= 64 { origins = origins.filter { !$0.value.isIdle } }
        let new = OriginQueue(request.origin, configuration)
        origins[request.origin] = new
        return new
    }

    private func cancel(_ ticket: TransferID) {
        guard let transfer = transfers[ObjectIdentifier(ticket)] else { return }  // Already finished.
        finish(transfer, .failure(.cancelled(transfer.request)))
    }

    private func end() {
        for transfer in Array(transfers.values) { finish(transfer, .failure(.shutDown(transfer.request))) }
        for origin in origins.values { origin.close() }
        idleHandles = []
        inbox.forgetWakeup()
    }

    // MARK: Deadlines

    /// Deadlines include the wait for a connection, which libcurl does not know about, so they are tracked here.
    private func failOverdue() {
        guard let earliest = earliestDeadline, case let now = ContinuousClock.now, earliest <= now else { return }
        earliestDeadline = nil
        for transfer in Array(transfers.values) {
            let deadline = transfer.request.deadline
            if deadline <= now {
                finish(transfer, .failure(.timedOut(transfer.request)))
            } else {
                earliestDeadline = min(earliestDeadline ?? deadline, deadline)
            }
        }
    }

    private func pollTimeout() -> Int32 {
        guard let earliestDeadline, !transfers.isEmpty else { return 60_000 }
        // Plus one, since fractions of a millisecond are truncated.
        return Int32(min(ContinuousClock.now.duration(to: earliestDeadline), .seconds(1)).wholeMilliseconds + 1)
    }

    // MARK: libcurl

    private func startWaiting() {
        for origin in origins.values {
            while let transfer = origin.next() { start(transfer) }
        }
    }

    private func start(_ transfer: Transfer) {
        guard let easy = idleHandles.popLast() ?? EasyHandle() else {
            return fail(transfer, CURLE_OUT_OF_MEMORY)
        }
        transfer.easy = easy
        activeCount += 1
        do throws(EasyHandle.OptionRefused) {
            try easy.prepare(transfer, configuration)
        } catch {
            return fail(transfer, error.code)
        }
        guard multi.add(easy) == CURLM_OK else { return fail(transfer, CURLE_FAILED_INIT) }
    }

    /// - Returns: whether a transfer was completed.
    private func perform() -> Bool {
        guard activeCount > 0 else { return false }
        guard multi.perform() == CURLM_OK else {
            // libcurl is out of memory or its handle is broken; this is not the fault of one transfer.
            for transfer in Array(transfers.values) where transfer.easy != nil { fail(transfer, CURLE_OUT_OF_MEMORY) }
            return true
        }
        var hasCompletedAny = false
        while let (transfer, code) = multi.nextCompleted() {
            hasCompletedAny = true
            // libcurl reports an error when the rest of a body is not accepted.
            let isComplete = code == CURLE_OK || transfer.rejection == .restNotWanted
            guard isComplete, let easy = transfer.easy else {
                fail(transfer, code)
                continue
            }
            let response = ReceivedResponse(transfer, easy)
            if easy.long(CURLINFO_REDIRECT_COUNT) == 0 {
                transfer.origin.answered(in: response.httpVersion)
            }
            finish(transfer, .success(response))
        }
        return hasCompletedAny
    }

    private func fail(_ transfer: Transfer, _ code: CURLcode) {
        finish(transfer, .failure(TransferError(code, transfer, configuration)))
    }

    private func finish(_ transfer: Transfer, _ result: Result<ReceivedResponse, TransferError>) {
        transfers[ObjectIdentifier(transfer.ticket)] = nil
        if let easy = transfer.easy {
            transfer.easy = nil
            multi.remove(easy)
            easy.reset()
            if idleHandles.count < configuration.maximumConnections { idleHandles.append(easy) }
            activeCount -= 1
        }
        transfer.origin.leave(transfer)
        transfer.finish(result)
    }
}
