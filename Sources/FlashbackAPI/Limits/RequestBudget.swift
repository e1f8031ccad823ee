/// How many requests may be under way at once, how fast they may follow each other, and when none may be made at all.
///
/// The API says with a 429, or a 503 that names a time, that it is asked too much. Everybody then pauses; after that there are
/// fewer requests at once and they follow each other more slowly, until success after success widens both again: additive
/// increase and multiplicative decrease, as TCP does it. Whoever finds no place waits in line.
package actor RequestBudget {
    /// A place in the budget, taken by one request and given back at its end.
    package struct Place: Sendable {
        /// How often the API had complained when the place was taken: a complaint about a request that was under way when the
        /// budget last shrank does not shrink it again.
        fileprivate let complaints: Int
    }

    /// Why no place was to be had.
    package enum Refusal: Error, Sendable, Hashable {
        /// The task was cancelled while it waited.
        case cancelled
        /// The API asked for a pause that lasts longer than the request may wait; in steady time.
        case paused(until: Duration)
    }

    /// The most requests at once, whatever the API bears.
    package nonisolated let maximumConcurrency: Int

    private let time: TimeSource
    private let maximumRate: Double?
    private let jitter: @Sendable () -> Double

    private var underWay = 0
    private var concurrency: AdaptiveConcurrency
    private var pace: RequestPace
    private var pause = ThrottlePause()
    private var complaints = 0
    private var line = WaitingLine()
    /// Sleeps until the line may move again.
    private var alarm: Task<Void, Never>?

    /// - Parameters:
    ///   - limit: the most requests at once; at least 1.
    ///   - maximumRate: the most requests a second; nil for as many as the API bears.
    ///   - jitter: a random share from 0 to 1 of each pause that the API leaves to us, so that several exporters do not return together.
    package init(
        limit: Int, maximumRate: Double? = nil, time: TimeSource,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        precondition(limit >= 1, "a budget without requests would wait forever")
        maximumConcurrency = limit
        self.time = time
        self.maximumRate = maximumRate
        self.jitter = jitter
        concurrency = AdaptiveConcurrency(maximum: limit)
        pace = RequestPace(maximum: maximumRate)
    }

    // MARK: Places

    /// Waits for a place.
    /// - Parameter deadline: the steady time until which the request may wait; a pause that goes on for longer is not waited for.
    package func acquire(until deadline: Duration) async throws(Refusal) -> Place {
        if Task.isCancelled { throw .cancelled }
        if let end = pause.end(at: time.uptime), end > deadline { throw .paused(until: end) }
        if line.isEmpty, takesPlace() { return Place(complaints: complaints) }
        let ticket = line.ticket()
        let outcome: WaitingLine.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                line.join(ticket, deadline: deadline, continuation)
                // A task that was cancelled before it stood in line is called out of it by nobody else.
                if Task.isCancelled { line.leave(ticket) }
                moveLine()
            }
        } onCancel: {
            Task { await leave(ticket) }
        }
        switch outcome {
        case .served: return Place(complaints: complaints)
        case .left: throw .cancelled
        case .sentAway(let end): throw .paused(until: end)
        }
    }

    /// Gives a place back after a request that the API did not complain about.
    /// - Parameter isSuccess: whether it was answered, which makes room for more.
    package func release(_ place: Place, isSuccess: Bool) {
        underWay -= 1
        if isSuccess {
            concurrency.succeeded()
            pace.succeeded()
            pause.succeeded()
        }
        moveLine()
    }

    /// Gives a place back after the API answered that it is asked too much.
    /// - Parameter retryAfter: how long it wants to be left alone; nil when it does not say.
    package func releaseThrottled(_ place: Place, retryAfter: Duration?) {
        underWay -= 1
        let isNews = place.complaints == complaints
        if isNews {
            complaints += 1
            concurrency.throttled()
            pace.throttled(at: time.uptime)
        }
        pause.throttled(at: time.uptime, retryAfter: retryAfter, isNews: isNews, jitter: jitter())
        moveLine()
    }

    // MARK: What it allows now

    /// How many requests may be under way at once now.
    package var currentConcurrency: Int { concurrency.current }

    /// How many requests a second may be made now; nil when only their number at once is bounded.
    package var currentRate: Double? { pace.rate }

    /// The steady time at which a pause ends that is going on.
    package var pauseEnd: Duration? { pause.end(at: time.uptime) }

    // MARK: The line

    private func takesPlace() -> Bool {
        let now = time.uptime
        guard underWay < concurrency.current, pause.end(at: now) == nil, pace.next(at: now) <= now else { return false }
        underWay += 1
        pace.took(at: now)
        return true
    }

    /// Lets in whoever may go, and sets the alarm for the next.
    private func moveLine() {
        let now = time.uptime
        if let end = pause.end(at: now) { line.sendAway(waitingUntilBefore: end) }
        while !line.isEmpty, takesPlace() {
            line.serveFirst()
        }
        alarm?.cancel()
        alarm = nil
        guard !line.isEmpty, underWay < concurrency.current else { return }
        let wakeUp = max(pause.end(at: now) ?? now, pace.next(at: now))
        alarm = Task { [time] in
            try? await time.sleep(until: wakeUp)
            if !Task.isCancelled { moveLine() }
        }
    }

    private func leave(_ ticket: WaitingLine.Ticket) {
        line.leave(ticket)
        moveLine()
    }
}
