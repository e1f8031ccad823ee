package import Basics
internal import NIOConcurrencyHelpers

/// How many requests may be under way at once, how fast they may follow each other, and when none may be made at all.
///
/// The API says with a 429, or a 503 that names a time, that it is asked too much. All requests then pause, for as long as it
/// asks. How many may be made at once and how fast follows from the share of such answers (``AdaptiveLimits``). A request that
/// finds no place waits in line.
package final class RequestBudget: Sendable {
    /// A place in the budget, taken by one request and given back at its end.
    package struct Place: Sendable {
        /// How often the API had complained when the place was taken: complaints about requests of the same time are one.
        fileprivate let complaints: Int
        fileprivate let request: AdaptiveLimits.Request
    }

    /// Why no place was to be had.
    package enum Refusal: Error, Sendable, Hashable {
        /// The task was cancelled while it waited.
        case cancelled
        /// The API asked for a pause that lasts longer than the request may wait; in steady time.
        case paused(until: Duration)
    }

    private struct State {
        var underWay = 0
        var limits: AdaptiveLimits
        var pace = RequestPace()
        var pause = ThrottlePause()
        var complaints = 0
        var line = WaitingLine()
        /// Sleeps until the line may move again.
        var alarm: Task<Void, Never>?

        /// When the next request may be made, should a place be free.
        func next(at now: Duration) -> Duration { max(pause.end(at: now) ?? now, pace.next(at: limits.rate)) }

        /// - Parameter hasWaited: whether the request stood in line.
        mutating func takePlace(at now: Duration, hasWaited: Bool) -> Place? {
            guard underWay < limits.concurrency, next(at: now) <= now else { return nil }
            underWay += 1
            let wasPaced = pace.took(at: now, rate: limits.rate, hasWaited: hasWaited, pauseEnd: pause.until)
            return Place(complaints: complaints, request: limits.request(at: now, wasPaced: wasPaced))
        }
    }

    /// The most requests at once, whatever the API bears.
    package let maximumConcurrency: Int

    private let time: TimeSource
    private let jitter: @Sendable () -> Double
    private let state: NIOLockedValueBox<State>

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
        self.jitter = jitter
        state = NIOLockedValueBox(
            State(limits: AdaptiveLimits(maximumRate: maximumRate, maximumConcurrency: limit)))
    }

    // MARK: Places

    /// Waits for a place.
    /// - Parameter deadline: the steady time until which the request may wait; a pause that goes on for longer is not waited for.
    package func acquire(until deadline: Duration) async throws(Refusal) -> Place {
        if Task.isCancelled { throw .cancelled }
        switch attempt(until: deadline) {
        case .place(let place): return place
        case .paused(let end): throw .paused(until: end)
        case .wait(let ticket): return try await place(for: ticket, until: deadline)
        }
    }

    /// Takes a place if there is one and nobody waits for it.
    package func placeAtOnce() -> Place? {
        let now = time.uptime
        return state.withLockedValue { $0.line.isEmpty ? $0.takePlace(at: now, hasWaited: false) : nil }
    }

    /// Whether a place has to be given back before there is one again; otherwise time alone makes one.
    package var isFull: Bool { state.withLockedValue { $0.underWay >= $0.limits.concurrency } }

    /// Waits for the end of a pause and takes a place besides those whose number is limited: for the renewal of a token, of which one
    /// is under way at a time, and for which the requests wait that have taken all other places.
    package func acquireBesides(until deadline: Duration) async throws(Refusal) -> Place {
        while let end = pauseEnd {
            if end > deadline { throw .paused(until: end) }
            guard (try? await time.sleep(until: end)) != nil else { throw .cancelled }
        }
        let now = time.uptime
        return state.withLockedValue { state in
            state.underWay += 1
            return Place(complaints: state.complaints, request: state.limits.request(at: now, wasPaced: false))
        }
    }

    private enum Attempt {
        case place(Place)
        case paused(until: Duration)
        case wait(WaitingLine.Ticket)
    }

    private func attempt(until deadline: Duration) -> Attempt {
        let now = time.uptime
        return state.withLockedValue { state in
            if let end = state.pause.end(at: now), end > deadline { return .paused(until: end) }
            if state.line.isEmpty, let place = state.takePlace(at: now, hasWaited: false) { return .place(place) }
            return .wait(state.line.ticket())
        }
    }

    private func place(for ticket: WaitingLine.Ticket, until deadline: Duration) async throws(Refusal) -> Place {
        let outcome: WaitingLine.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                moveLine { state, _ in
                    state.line.join(ticket, deadline: deadline, continuation)
                    // A task that was cancelled before it stood in line is called out of it by nobody else.
                    return Task.isCancelled ? state.line.leave(ticket) : nil
                }
            }
        } onCancel: {
            moveLine { state, _ in state.line.leave(ticket) }
        }
        switch outcome {
        case .served(let place): return place
        case .left: throw .cancelled
        case .sentAway(let end): throw .paused(until: end)
        }
    }

    /// Gives a place back after a request that the API did not complain about.
    /// - Parameter isSuccess: whether it was answered, which makes room for more.
    package func release(_ place: Place, isSuccess: Bool) {
        moveLine { state, now in
            state.underWay -= 1
            if isSuccess {
                state.limits.answered(place.request, at: now)
                state.pause.succeeded()
            }
            return nil
        }
    }

    /// Gives a place back after the API answered that it is asked too much.
    /// - Parameter retryAfter: how long it wants to be left alone; nil when it does not say.
    package func releaseThrottled(_ place: Place, retryAfter: Duration?) {
        moveLine { state, now in
            state.underWay -= 1
            let isNews = place.complaints == state.complaints
            if isNews { state.complaints += 1 }
            let pause = state.pause.throttled(at: now, retryAfter: retryAfter, isNews: isNews, jitter: jitter())
            state.limits.refused(place.request, pause: pause, at: now)
            return nil
        }
    }

    /// Gives a place back for which no request was made. The next may be made as early as this one could, and nothing is learned of
    /// what the API bears.
    package func returnUnused(_ place: Place) {
        moveLine { state, _ in
            state.underWay -= 1
            state.pace.returned(rate: state.limits.rate)
            return nil
        }
    }

    // MARK: What it allows now

    /// How many requests may be under way at once now.
    package var currentConcurrency: Int { state.withLockedValue { $0.limits.concurrency } }

    /// How many requests a second may be made now; nil when only their number at once is bounded.
    package var currentRate: Double? { state.withLockedValue { $0.limits.rate } }

    /// The steady time at which a pause ends that is going on.
    package var pauseEnd: Duration? { state.withLockedValue { $0.pause.end(at: time.uptime) } }

    // MARK: The line

    /// Makes a change, lets in whoever may go after it, and sets the alarm for the next.
    ///
    /// Nobody is told, and no task cancelled, under the lock: a cancellation's handler, which takes it, may run under the locks
    /// that either of these needs.
    /// - Parameter change: gives whoever left the line with it.
    private func moveLine(after change: (inout State, _ now: Duration) -> WaitingLine.Departure? = { _, _ in nil }) {
        let now = time.uptime
        var departures: [WaitingLine.Departure] = []
        let obsoleteAlarm = state.withLockedValue { state in
            if let departure = change(&state, now) { departures.append(departure) }
            if let end = state.pause.end(at: now) { departures += state.line.sendAway(waitingUntilBefore: end) }
            while !state.line.isEmpty, let place = state.takePlace(at: now, hasWaited: true) {
                if let departure = state.line.serveFirst(with: place) { departures.append(departure) }
            }
            defer { state.alarm = alarm(for: state, at: now) }
            return state.alarm
        }
        obsoleteAlarm?.cancel()
        for departure in departures { departure.tell() }
    }

    /// What moves the line when time alone lets somebody in; nil when a place must be given back first.
    private func alarm(for state: State, at now: Duration) -> Task<Void, Never>? {
        guard !state.line.isEmpty, state.underWay < state.limits.concurrency else { return nil }
        let wakeUp = state.next(at: now)
        return Task { [time] in
            try? await time.sleep(until: wakeUp)
            if !Task.isCancelled { moveLine() }
        }
    }
}

/// A place in the request budget that was taken before it was decided which request to make: so the most urgent one is made, however
/// long the wait for the place was. The first request of a client that uses it (``FlashbackClient/using(_:)``) takes it.
package final class ReservedPlace: Sendable {
    private let budget: RequestBudget
    private let place: NIOLockedValueBox<RequestBudget.Place?>

    package init(_ place: RequestBudget.Place, in budget: RequestBudget) {
        self.budget = budget
        self.place = NIOLockedValueBox(place)
    }

    func take() -> RequestBudget.Place? {
        place.withLockedValue { place in
            defer { place = nil }
            return place
        }
    }

    /// Gives the place back if no request took it.
    package func giveBack() {
        if let place = take() { budget.returnUnused(place) }
    }
}
