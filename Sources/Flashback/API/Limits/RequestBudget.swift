package import Basics
internal import NIOConcurrencyHelpers

/// Limits an account's concurrent requests and its request rate, and enforces throttling pauses.
///
/// The API signals throttling with a 429, or with a 503 that has a Retry-After. All requests then pause for as long as it asks. The share
/// of such answers determines concurrency and rate (``AdaptiveLimits``). A request without a place waits in line.
package final class RequestBudget: Sendable {
    /// A place in the budget, taken by one request and returned at its end.
    package struct Place: Sendable {
        /// The number of complaints when the place was taken: complaints about concurrent requests count once.
        fileprivate let complaints: Int
        fileprivate let request: AdaptiveLimits.Request
    }

    /// Why no place was granted.
    package enum AcquireError: Error, Sendable, Hashable {
        /// The task was cancelled while waiting.
        case cancelled
        /// The API asked for a pause longer than the request may wait; the end is in steady time.
        case paused(until: Duration)
    }

    private struct State {
        var underWay = 0
        var limits: AdaptiveLimits
        var pace = RequestPace()
        var pause = ThrottlePause()
        var complaints = 0
        var line = WaitingLine()
        /// Sleeps until the next waiting request may be served.
        var alarm: Task<Void, Never>?

        /// The earliest time of the next request, if a place is free.
        func next(at now: Duration) -> Duration { max(pause.end(at: now) ?? now, pace.next(at: limits.rate)) }

        /// - Parameter hasWaited: whether the request waited in line.
        mutating func takePlace(at now: Duration, hasWaited: Bool) -> Place? {
            guard underWay < limits.concurrency, next(at: now) <= now else { return nil }
            underWay += 1
            let wasPaced = pace.took(at: now, rate: limits.rate, hasWaited: hasWaited, pauseEnd: pause.until)
            return Place(complaints: complaints, request: limits.request(at: now, wasPaced: wasPaced))
        }
    }

    /// The maximum number of concurrent requests, even if the API allows more.
    package let maximumConcurrency: Int

    private let time: TimeSource
    private let jitter: @Sendable () -> Double
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - limit: the maximum number of concurrent requests; at least 1.
    ///   - maximumRate: the maximum requests per second; nil for no limit except the API's.
    ///   - jitter: a random fraction from 0 to 1 of each pause whose length the API leaves open, so that several exporters do not
    ///     resume at the same time.
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
    /// - Parameter deadline: the steady time until which the request may wait; it fails at once if a pause lasts longer.
    package func acquire(until deadline: Duration) async throws(AcquireError) -> Place {
        if Task.isCancelled { throw .cancelled }
        switch attempt(until: deadline) {
        case .place(let place): return place
        case .paused(let end): throw .paused(until: end)
        case .wait(let position): return try await place(for: position, until: deadline)
        }
    }

    /// Takes a place if one is free and no request is waiting.
    package func placeAtOnce() -> Place? {
        let now = time.uptime
        return state.withLockedValue { $0.line.isEmpty ? $0.takePlace(at: now, hasWaited: false) : nil }
    }

    /// Whether a place must be returned before the next one is available; otherwise one becomes available with time.
    package var isFull: Bool { state.withLockedValue { $0.underWay >= $0.limits.concurrency } }

    /// Waits for the end of a pause and takes a place outside the concurrency limit. This is for renewing a token: only one
    /// renewal runs at a time, and the requests that hold all other places may be waiting for it.
    package func acquireBesides(until deadline: Duration) async throws(AcquireError) -> Place {
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
        case wait(WaitingLine.Position)
    }

    private func attempt(until deadline: Duration) -> Attempt {
        let now = time.uptime
        return state.withLockedValue { state in
            if let end = state.pause.end(at: now), end > deadline { return .paused(until: end) }
            if state.line.isEmpty, let place = state.takePlace(at: now, hasWaited: false) { return .place(place) }
            return .wait(state.line.position())
        }
    }

    private func place(for position: WaitingLine.Position, until deadline: Duration) async throws(AcquireError) -> Place {
        let outcome: WaitingLine.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                moveLine { state, _ in
                    state.line.join(position, deadline: deadline, continuation)
                    // A task that was cancelled before it joined the line must remove itself.
                    return Task.isCancelled ? state.line.leave(position) : nil
                }
            }
        } onCancel: {
            moveLine { state, _ in state.line.leave(position) }
        }
        switch outcome {
        case .served(let place): return place
        case .left: throw .cancelled
        case .sentAway(let end): throw .paused(until: end)
        }
    }

    /// Returns a place after a request that the API did not throttle.
    /// - Parameter isSuccess: whether the request succeeded, which lets the limits grow.
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

    /// Returns a place after the API throttled the request.
    /// - Parameter retryAfter: how long the API asks us to wait; nil when it gives no time.
    package func releaseThrottled(_ place: Place, retryAfter: Duration?) {
        moveLine { state, now in
            state.underWay -= 1
            let isNews = place.complaints == state.complaints
            if isNews { state.complaints += 1 }
            let pause = state.pause.throttled(at: now, retryAfter: retryAfter, isNews: isNews, jitter: jitter())
            state.limits.throttled(place.request, pause: pause, at: now)
            return nil
        }
    }

    /// Returns a place that was not used for a request. The next request may use the same time slot, and the limits do not change.
    package func returnUnused(_ place: Place) {
        moveLine { state, _ in
            state.underWay -= 1
            state.pace.returned(rate: state.limits.rate)
            return nil
        }
    }

    // MARK: Current limits

    /// The current concurrency limit.
    package var currentConcurrency: Int { state.withLockedValue { $0.limits.concurrency } }

    /// The current limit in requests per second; nil for no limit on the rate.
    package var currentRate: Double? { state.withLockedValue { $0.limits.rate } }

    /// The steady time at which the current pause ends; nil without a pause.
    package var pauseEnd: Duration? { state.withLockedValue { $0.pause.end(at: time.uptime) } }

    // MARK: The line

    /// Applies a change, admits every request that may now proceed, and sets the alarm for the next.
    ///
    /// Continuations are resumed and tasks cancelled outside the lock: a cancellation handler takes this lock and may run under
    /// locks that resuming or cancelling needs.
    /// - Parameter change: returns the request that leaves the line, if any.
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

    /// An alarm that wakes the line when a request may proceed once time has passed; nil when a place must be returned first.
    private func alarm(for state: State, at now: Duration) -> Task<Void, Never>? {
        guard !state.line.isEmpty, state.underWay < state.limits.concurrency else { return nil }
        let wakeUp = state.next(at: now)
        return Task { [time] in
            try? await time.sleep(until: wakeUp)
            if !Task.isCancelled { moveLine() }
        }
    }
}

/// A place in the request budget that is taken before the request is chosen, so that the most urgent request is made however long the wait
/// was. The first request of the client from ``FlashbackClient/using(_:)`` uses it.
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

    /// Returns the place if no request used it.
    package func giveBack() {
        if let place = take() { budget.returnUnused(place) }
    }
}
