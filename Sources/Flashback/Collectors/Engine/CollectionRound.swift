internal import FlashbackAPI

/// A collector's requests for the items that were due at one time; they are timed together, and consecutive rounds are logged together.
struct CollectionRound {
    /// The minimum time between two logged failures of rounds that follow each other.
    private static let maximumSilence = Duration.seconds(60)

    /// Since when it has been running, and the horizon at that time: items that fall due later belong to the next round.
    private(set) var running: (start: Duration, horizon: Duration)?
    private var lastReport = Duration.zero
    private var ended = 0
    private var failures = 0
    private var firstError: APIError?

    /// Failures to be logged.
    struct Failures {
        let count: Int
        let requests: Int
        let first: APIError
    }

    /// Records that a request began, which starts a round if none is running.
    mutating func began(at now: Duration, upTo horizon: Duration) {
        if running == nil { (running, lastReport) = ((now, horizon), now) }
    }

    /// Records the end of a request.
    mutating func ended(_ error: APIError?) {
        if error?.isCancellation == true { return }
        ended += 1
        guard let error else { return }
        failures += 1
        firstError = firstError ?? error
    }

    /// Ends the round, and starts the next one if requests are left for it.
    /// - Parameter start: when the next round started; nil if nothing is left.
    mutating func end(next start: Duration?, upTo horizon: Duration) {
        running = start.map { ($0, horizon) }
    }

    /// Gives the round up, since its remaining requests will not be made for now. Its time does not count.
    mutating func giveUp() { running = nil }

    /// How long the round has been running.
    func duration(at now: Duration) -> Duration? { running.map { now - $0.start } }

    /// The failures since the last report, if a report is due.
    mutating func report(isOver: Bool, at now: Duration) -> Failures? {
        guard isOver || now - lastReport >= Self.maximumSilence else { return nil }
        defer { (lastReport, ended, failures, firstError) = (now, 0, 0, nil) }
        return firstError.map { Failures(count: failures, requests: ended, first: $0) }
    }
}

/// The usual duration of requests of one kind, to detect requests that scrapes should not wait for.
///
/// Mean and mean deviation of successful requests, smoothed like TCP round-trip times (RFC 6298 section 2).
struct UsualDuration {
    /// The minimum limit: a shorter request never counts as unusually long.
    private static let minimumLimit = Duration.milliseconds(500)

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
    var limit: Duration? { mean.map { max(Self.minimumLimit, $0 * 3 + deviation * 4) } }
}
