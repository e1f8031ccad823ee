internal import FlashbackAPI

/// A collector's requests from the first due item until no item is due; they are logged and timed together.
struct CollectionRound {
    /// How often failures are logged in a round that does not end.
    private static let longestSilence = Duration.seconds(60)

    private var start: Duration?
    private var lastReport = Duration.zero
    private var underWay = 0
    private var ended = 0
    private var failures = 0
    private var firstError: APIError?

    /// Failures to be logged.
    struct Failures {
        let count: Int
        let requests: Int
        let first: APIError
    }

    mutating func began(at now: Duration) {
        if start == nil { (start, lastReport) = (now, now) }
        underWay += 1
    }

    /// Records the end of a request.
    mutating func ended(_ error: APIError?) {
        underWay -= 1
        if error?.isCancellation == true { return }
        ended += 1
        guard let error else { return }
        failures += 1
        firstError = firstError ?? error
    }

    /// Records that a request had no outcome, because the bucket is requested again on its own.
    mutating func deferred() { underWay -= 1 }

    /// How long the round has been running.
    func duration(at now: Duration) -> Duration? { start.map { now - $0 } }

    /// Ends the round if no request is left.
    /// - Parameter hasMore: whether more is due.
    /// - Returns: whether it ended.
    mutating func endsIfDone(hasMore: @autoclosure () -> Bool) -> Bool {
        guard start != nil, underWay == 0, !hasMore() else { return false }
        start = nil
        return true
    }

    /// The failures since the last report, if a report is due.
    mutating func report(isOver: Bool, at now: Duration) -> Failures? {
        guard isOver || now - lastReport >= Self.longestSilence else { return nil }
        defer { (lastReport, ended, failures, firstError) = (now, 0, 0, nil) }
        return firstError.map { Failures(count: failures, requests: ended, first: $0) }
    }
}

/// The usual duration of requests of one kind, to detect requests that scrapes should not wait for.
///
/// Mean and mean deviation of successful requests, smoothed like TCP round-trip times (RFC 6298 section 2).
struct UsualDuration {
    /// No shorter request counts as unusually long.
    private static let shortestLimit = Duration.milliseconds(500)

    private(set) var mean: Duration?
    private var deviation = Duration.zero

    mutating func note(_ duration: Duration) {
        guard let mean else {
            (mean, deviation) = (duration, duration / 2)
            return
        }
        let difference = duration - mean
        deviation += ((difference < .zero ? .zero - difference : difference) - deviation) / 4
        self.mean = mean + difference / 8
    }

    /// The duration above which a request is unusually long; nil before the first success.
    var limit: Duration? { mean.map { max(Self.shortestLimit, $0 * 3 + deviation * 4) } }
}
