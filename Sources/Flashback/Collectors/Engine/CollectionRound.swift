internal import FlashbackAPI

/// A collector's requests from the first that was due until none is: what is logged, and timed, as one.
struct CollectionRound {
    /// A round that does not end is logged about so often.
    private static let longestSilence = Duration.seconds(60)

    private var start: Duration?
    private var lastReport = Duration.zero
    private var underWay = 0
    private var ended = 0
    private var failures = 0
    private var firstError: APIError?

    /// What is to be logged of failures.
    struct Failures {
        let count: Int
        let requests: Int
        let first: APIError
    }

    mutating func began(at now: Duration) {
        if start == nil { (start, lastReport) = (now, now) }
        underWay += 1
    }

    /// A request ended.
    mutating func ended(_ error: APIError?) {
        underWay -= 1
        if error?.isCancellation == true { return }
        ended += 1
        guard let error else { return }
        failures += 1
        firstError = firstError ?? error
    }

    /// How long it has been going on.
    func duration(at now: Duration) -> Duration? { start.map { now - $0 } }

    /// Ends the round if nothing of it is left.
    /// - Parameter hasMore: whether more is due.
    /// - Returns: whether it ended.
    mutating func endsIfDone(hasMore: @autoclosure () -> Bool) -> Bool {
        guard start != nil, underWay == 0, !hasMore() else { return false }
        start = nil
        return true
    }

    /// The failures since the last report, if it is time to tell.
    mutating func report(isOver: Bool, at now: Duration) -> Failures? {
        guard isOver || now - lastReport >= Self.longestSilence else { return nil }
        defer { (lastReport, ended, failures, firstError) = (now, 0, 0, nil) }
        return firstError.map { Failures(count: failures, requests: ended, first: $0) }
    }
}

/// How long requests of one kind usually take, by which those are told apart that no scrape should wait for.
///
/// The mean and the mean deviation of successes, smoothed as TCP smooths its round trips (RFC 6298 section 2).
struct UsualDuration {
    /// Shorter than that no request is unusually long.
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

    /// A request that takes longer than that takes far longer than usual; nil before anything is usual.
    var limit: Duration? { mean.map { max(Self.shortestLimit, $0 * 3 + deviation * 4) } }
}
