internal import Basics

/// Finds out whether throttling is caused by the request rate, by lowering it for a while.
///
/// A hard limit allows the rate that it has just allowed. When more than 4 % of the requests are throttled over several falls, the trial
/// sets the rate to half of the actual throughput (pauses included), for as many answers as would include seven throttled requests if
/// nothing changed. Fewer than four mean that the rate is the cause and that the API can sustain the measured throughput. Four mean that
/// the rate is not the cause, for example because some of the API's servers are overloaded: lowering it would collect less and avoid
/// nothing. The limits then return to their former values, and twice that share is tolerated for ten minutes, followed by another trial.
struct ThrottlingTrial {
    /// A rate in requests per second, and a concurrency.
    struct Limits {
        var rate: Double
        var concurrency: Double
    }

    enum Verdict {
        case underWay
        /// The API sustains this rate, in requests per second.
        case causedByPace(borne: Double)
        /// The limits may return to these values.
        case independentOfPace(Limits)
    }

    /// Shares of throttled requests that start a trial. A larger share cannot be coincidence and is not tolerated.
    private static let triedShares = 0.04...0.1
    /// The minimum number of throttled requests for estimating a share.
    private static let leastThrottled = 12.0
    private static let expectedThrottled = 7.0
    private static let throttledByChance = 4.0
    private static let toleranceHolds = Duration.seconds(600)

    /// Counts since the share of throttled requests was last evaluated.
    private struct Stretch {
        var answered = 0.0
        var throttled = 0.0
        /// The seconds that the requests account for, including pauses.
        var seconds = 0.0
        var highest = Limits(rate: 0, concurrency: 0)

        var share: Double { throttled / (answered + throttled) }
    }

    private struct Trial {
        /// The throughput before the trial, in requests per second.
        let borne: Double
        let share: Double
        let former: Limits
        var answersLeft: Double
        var throttled = 0.0
    }

    private var stretch = Stretch()
    private var trial: Trial?
    private var tolerance = (share: 0.0, until: Duration.zero)

    /// The share of throttled requests that is tolerated because it does not depend on the rate; nil for the default.
    func tolerance(at now: Duration) -> Double? { now < tolerance.until ? tolerance.share : nil }

    mutating func answered(at rate: Double) {
        stretch.answered += 1
        stretch.seconds += 1 / rate
        trial?.answersLeft -= 1
    }

    mutating func throttled(pause: Duration) {
        stretch.throttled += 1
        stretch.seconds += pause.inSeconds
        trial?.throttled += 1
    }

    /// Evaluates the share of throttled requests after a fall.
    /// - Parameter limits: the limits before the fall.
    /// - Returns: the trial's rate in requests per second; nil when no trial is due.
    mutating func begin(from limits: Limits, at now: Duration) -> Double? {
        stretch.highest.rate = max(stretch.highest.rate, limits.rate)
        stretch.highest.concurrency = max(stretch.highest.concurrency, limits.concurrency)
        guard stretch.throttled >= Self.leastThrottled else { return nil }
        defer { stretch = Stretch() }
        let share = stretch.share
        guard tolerance(at: now) == nil, Self.triedShares.contains(share) else { return nil }
        let borne = stretch.answered / stretch.seconds
        trial = Trial(
            borne: borne, share: share, former: stretch.highest, answersLeft: Self.expectedThrottled / share)
        return borne / 2
    }

    /// The state of the trial after the latest answer; nil without a trial. A result is returned once.
    mutating func verdict(at now: Duration) -> Verdict? {
        guard let trial else { return nil }
        let isChance = trial.throttled >= Self.throttledByChance
        guard isChance || trial.answersLeft <= 0 else { return .underWay }
        self.trial = nil
        stretch = Stretch()
        guard isChance else { return .causedByPace(borne: trial.borne) }
        tolerance = (2 * trial.share, until: now + Self.toleranceHolds)
        return .independentOfPace(trial.former)
    }
}
