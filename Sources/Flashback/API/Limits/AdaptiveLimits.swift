internal import Basics

/// How fast requests may follow each other and how many may be under way at once, as the share of refused answers allows.
///
/// A score weighs refusals against answers. Each refused answer adds 1; each answered one takes 1/250 away; and each that a pause
/// keeps from being made adds 1/200, so a refusal with a long pause weighs more. At a score of 3 both limits fall by an eighth and
/// the score starts again from 0. Otherwise they grow in proportion to themselves: by 0.15 % for each second's worth of requests
/// at first, twice as fast after every 20 s without a fall. A single refusal therefore changes nothing; while less than about half
/// a percent is refused the pace grows, unless pauses take half of the time; many refusals make it fall within seconds.
///
/// At a hard limit the pace swings between seven eighths of the limit and just above it: three refusals about every 40 s, whatever
/// the limit is, which is 1 % of the answers at 10 a second and 0.3 % at 100. Refusals at random, with a share p and a pause of a
/// second each, hold it near 0.2 / p a second for p up to half a percent, where falls by chance and growth are equal; above that it
/// falls, and from 4 % on a ``RefusalTrial`` finds out whether that helps. Exporters that share a limit become equal, because
/// growth comes with time and refusals come with requests: who makes more requests falls more often.
struct AdaptiveLimits {
    /// What the limits need to know of a request when it is answered.
    struct Request: Sendable {
        /// How often the limits had fallen when it was made: what comes of older requests says nothing about the present limits.
        fileprivate let generation: Int
        /// Whether the pace held it back. A pace that rises while fewer requests are made would not follow from what the API bears.
        fileprivate let wasPaced: Bool
        fileprivate let madeAt: Duration
    }

    /// What an answer takes from the score: the share of refusals at which it neither rises nor falls.
    private static let toleratedShare = 0.004
    /// What a request that a pause keeps from being made adds to the score.
    private static let pauseWeight = 0.005
    /// The score at which the limits fall.
    private static let fullScore = 3.0
    /// What a fall leaves.
    private static let kept = 0.875

    /// Growth a second after a fall.
    private static let firstGrowth = 0.0015
    /// Growth a second at most.
    private static let fastestGrowth = 0.05
    /// Growth for each answer at most: at a few requests a second refusals take long to tell that the pace is too high. Refusals
    /// that do not depend on the pace would not tell it either.
    private static let growthPerAnswer = 0.001
    /// By how much growth rises a second: twofold in 20 s.
    private static let growthRise = 0.035
    /// How much faster concurrency grows than the pace. Usually it is not what the API refuses, and then it must not stay low.
    private static let concurrencyLead = 4.0

    /// Requests a second; slower than that would not be collecting any more.
    private static let slowest = 0.5
    /// Requests a second; faster than that is no bound.
    private static let fastest = 1e6
    /// Requests a second at least that the first complaint is taken to have come at: after a rest, when few requests were made, it
    /// tells little of the limit. To begin too fast costs a few more refusals, to begin too slowly costs minutes.
    private static let leastObserved = 10.0

    private let maximumRate: Double?
    private let maximumConcurrency: Double
    private var concurrencyAllowed: Double
    /// Requests a second that the API seems to bear; nil before its first complaint.
    private var adapted: Double?
    private var score = 0.0
    /// The share by which the pace grows a second.
    private var growth = Self.firstGrowth
    private var generation = 0
    private var requests = RequestRate()
    private var trial = RefusalTrial()

    /// - Parameter maximumRate: the most requests a second; nil for as many as the API bears.
    init(maximumRate: Double?, maximumConcurrency: Int) {
        self.maximumRate = maximumRate
        self.maximumConcurrency = Double(maximumConcurrency)
        concurrencyAllowed = Double(maximumConcurrency)
    }

    /// Requests a second that are allowed; nil when they are not bounded.
    var rate: Double? { adapted ?? maximumRate }

    /// How many requests may be under way at once.
    var concurrency: Int { Int(concurrencyAllowed) }

    /// Takes account of a request that is made.
    mutating func request(at now: Duration, wasPaced: Bool) -> Request {
        if adapted == nil { requests.count(at: now) }
        return Request(generation: generation, wasPaced: wasPaced, madeAt: now)
    }

    /// Takes account of a request that was answered with success.
    mutating func answered(_ request: Request, at now: Duration) {
        guard let rate = adapted, request.generation == generation else { return }
        score = max(0, score - (trial.tolerance(at: now) ?? Self.toleratedShare))
        trial.answered(at: rate)
        switch trial.verdict(at: now) {
        case .underWay: return
        case .causedByPace(let borne):
            adapted = max(Self.slowest, borne * Self.kept)
            startOver()
        case .independentOfPace, nil: grow(rate, after: request, at: now)
        }
    }

    /// Takes account of a request that the API refused.
    /// - Parameter pause: by how much it lengthened the pause.
    mutating func refused(_ request: Request, pause: Duration, at now: Duration) {
        guard let rate = adapted else { return begin(at: now) }
        guard request.generation == generation else { return }
        trial.refused(pause: pause)
        switch trial.verdict(at: now) {
        case .underWay: return
        case .independentOfPace(let former):
            adapted = max(rate, former.rate)
            concurrencyAllowed = max(concurrencyAllowed, former.concurrency)
            startOver()
        case .causedByPace, nil:
            score += 1 + Self.pauseWeight * rate * pause.inSeconds
            if score >= Self.fullScore { fall(from: rate, at: now) }
        }
    }

    /// The first complaint sets the pace from the rate at which it came. Requests under way count too: where answers are slow, few
    /// have come by then.
    private mutating func begin(at now: Duration) {
        let observed = max(requests.latest(at: now), Self.leastObserved)
        adapted = min(observed, maximumRate ?? Self.fastest) * Self.kept
        concurrencyAllowed = max(1, concurrencyAllowed * Self.kept)
        startOver()
    }

    private mutating func grow(_ rate: Double, after request: Request, at now: Duration) {
        // The time that one request stands for, by whichever limit holds requests back: the pace, or their number at once.
        let paced = 1 / rate
        let seconds = max(paced, (now - request.madeAt).inSeconds / concurrencyAllowed)
        let share = trial.tolerance(at: now) == nil ? min(growth, Self.growthPerAnswer * rate) : growth
        if request.wasPaced { adapted = min(rate * (1 + share * paced), maximumRate ?? Self.fastest) }
        concurrencyAllowed = min(concurrencyAllowed * (1 + Self.concurrencyLead * share * seconds), maximumConcurrency)
        if request.wasPaced || seconds > paced { growth = min(growth * (1 + Self.growthRise * seconds), Self.fastestGrowth) }
    }

    private mutating func fall(from rate: Double, at now: Duration) {
        let former = RefusalTrial.Limits(rate: rate, concurrency: concurrencyAllowed)
        let trialRate = trial.begin(from: former, at: now) ?? .infinity
        adapted = max(Self.slowest, min(rate * Self.kept, trialRate))
        concurrencyAllowed = max(1, concurrencyAllowed * Self.kept)
        startOver()
    }

    private mutating func startOver() {
        score = 0
        growth = Self.firstGrowth
        generation += 1
    }
}

/// How many requests are made in a second.
private struct RequestRate {
    private var secondBegan = Duration.zero
    private var count = 0.0
    private var countBefore = 0.0

    mutating func count(at now: Duration) {
        moveOn(to: now)
        count += 1
    }

    /// The larger count of the second under way and the one before it, since the former has not ended.
    mutating func latest(at now: Duration) -> Double {
        moveOn(to: now)
        return max(count, countBefore)
    }

    private mutating func moveOn(to now: Duration) {
        guard now >= secondBegan + .seconds(1) else { return }
        countBefore = now < secondBegan + .seconds(2) ? count : 0
        count = 0
        secondBegan = now
    }
}
