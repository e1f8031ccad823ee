internal import Basics

/// Finds out whether refusals come from the pace, by asking more slowly for a while.
///
/// A hard limit bears what it has just borne. When more than 4 % of the answers are refused over several falls, the pace is set to
/// half of what was really made, pauses included, for as many answers as would bring seven refusals if nothing changed. Fewer than
/// four mean that the pace is the cause, and that the API bears what was made. Four mean that it is not, for instance
/// that a part of the API's servers is overloaded: to ask more slowly would read less and avoid nothing. The limits then return to
/// where they were, and twice that share is tolerated for ten minutes, after which it is tried again.
struct RefusalTrial {
    /// A pace, in requests a second, and a number of requests at once.
    struct Limits {
        var rate: Double
        var concurrency: Double
    }

    enum Verdict {
        case underWay
        /// The API bears so many requests a second.
        case causedByPace(borne: Double)
        /// The limits may return to these.
        case independentOfPace(Limits)
    }

    /// Shares of refused answers that are tried. A larger one is not taken for chance, and not tolerated.
    private static let triedShares = 0.04...0.1
    /// How many refusals a share must rest on.
    private static let leastRefusals = 12.0
    private static let expectedRefusals = 7.0
    private static let refusalsOfChance = 4.0
    private static let toleranceHolds = Duration.seconds(600)

    /// What came of the requests since the latest look at their share.
    private struct Stretch {
        var answered = 0.0
        var refused = 0.0
        /// The time that the requests stand for, and their pauses.
        var seconds = 0.0
        var highest = Limits(rate: 0, concurrency: 0)

        var share: Double { refused / (answered + refused) }
    }

    private struct Trial {
        /// What was made before it, in requests a second.
        let borne: Double
        let share: Double
        let former: Limits
        var answersLeft: Double
        var refused = 0.0
    }

    private var stretch = Stretch()
    private var trial: Trial?
    private var tolerance = (share: 0.0, until: Duration.zero)

    /// The share of refusals that is tolerated because it does not depend on the pace; nil for the usual one.
    func tolerance(at now: Duration) -> Double? { now < tolerance.until ? tolerance.share : nil }

    mutating func answered(at rate: Double) {
        stretch.answered += 1
        stretch.seconds += 1 / rate
        trial?.answersLeft -= 1
    }

    mutating func refused(pause: Duration) {
        stretch.refused += 1
        stretch.seconds += pause.inSeconds
        trial?.refused += 1
    }

    /// Looks at the refusals after a fall.
    /// - Parameter limits: the limits before the fall.
    /// - Returns: the pace of the trial, in requests a second; nil when none is due.
    mutating func begin(from limits: Limits, at now: Duration) -> Double? {
        stretch.highest.rate = max(stretch.highest.rate, limits.rate)
        stretch.highest.concurrency = max(stretch.highest.concurrency, limits.concurrency)
        guard stretch.refused >= Self.leastRefusals else { return nil }
        defer { stretch = Stretch() }
        let share = stretch.share
        guard tolerance(at: now) == nil, Self.triedShares.contains(share) else { return nil }
        let borne = stretch.answered / stretch.seconds
        trial = Trial(
            borne: borne, share: share, former: stretch.highest, answersLeft: Self.expectedRefusals / share)
        return borne / 2
    }

    /// How the trial ended with the latest answer, which it tells once; nil without a trial.
    mutating func verdict(at now: Duration) -> Verdict? {
        guard let trial else { return nil }
        let isChance = trial.refused >= Self.refusalsOfChance
        guard isChance || trial.answersLeft <= 0 else { return .underWay }
        self.trial = nil
        stretch = Stretch()
        guard isChance else { return .causedByPace(borne: trial.borne) }
        tolerance = (2 * trial.share, until: now + Self.toleranceHolds)
        return .independentOfPace(trial.former)
    }
}
