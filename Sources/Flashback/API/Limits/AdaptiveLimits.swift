internal import Basics

/// Adapts the request rate and the concurrency to the share of throttled requests.
///
/// A score weighs throttled requests against successful answers. A throttled request adds 1; a successful one subtracts 1/250; each request
/// that a pause delays adds 1/200, so that long pauses weigh more. At a score of 3 both limits fall by an eighth and the score
/// restarts at 0. Otherwise the limits grow in proportion to themselves: by 0.15 % per second's worth of requests at first,
/// doubling with every 20 s without a fall. A single throttled request therefore changes nothing; while less than about half a percent is
/// throttled the rate grows, unless pauses take half of the time; many throttled requests lower it within seconds.
///
/// At a hard limit the rate swings between seven eighths of the limit and just above it: three throttled requests about every 40 s,
/// whatever the limit is, which is 1 % of the answers at 10 requests a second and 0.3 % at 100. Requests throttled at random with probability
/// p and a pause of a second each hold the rate near 0.2 / p a second for p up to half a percent, where random falls and growth
/// balance; above that it falls, and from 4 % on a ``ThrottlingTrial`` finds out whether that helps. Exporters that share a limit
/// converge to equal rates, because growth depends on time and throttling on requests: the one with more requests falls more often.
struct AdaptiveLimits {
    /// The state of a request that the limits need when the answer arrives.
    struct Request: Sendable {
        /// How often the limits had fallen when the request was made: answers to older requests say nothing about the present limits.
        fileprivate let generation: Int
        /// Whether the rate limit delayed it. Without such requests, a rising limit would not reflect what the API allows.
        fileprivate let wasPaced: Bool
        fileprivate let madeAt: Duration
    }

    /// What a successful answer subtracts from the score: the share of throttled requests at which the score stays level.
    private static let toleratedShare = 0.004
    /// What each request delayed by a pause adds to the score.
    private static let pauseWeight = 0.005
    /// The score at which the limits fall.
    private static let fullScore = 3.0
    /// The factor by which the limits fall.
    private static let kept = 0.875

    /// Growth per second right after a fall.
    private static let firstGrowth = 0.0015
    /// Maximum growth per second.
    private static let fastestGrowth = 0.05
    /// Maximum growth per answer: at a few requests a second, throttled requests come too late to show that the rate is too high. Not
    /// applied while throttling is known to be independent of the rate.
    private static let growthPerAnswer = 0.001
    /// How fast the growth itself increases per second: twofold in 20 s.
    private static let growthRise = 0.035
    /// How much faster concurrency grows than the rate. Concurrency is rarely the reason for throttling, and must not stay low for long.
    private static let concurrencyLead = 4.0

    /// The lowest rate in requests per second; anything slower is no longer useful collection.
    private static let slowest = 0.5
    /// The highest rate in requests per second; effectively unlimited.
    private static let fastest = 1e6
    /// The lowest rate, in requests per second, that the first throttled request is attributed to: after an idle time the observed rate
    /// says little about the limit. Starting too fast costs a few more throttled requests, starting too slowly costs minutes.
    private static let leastObserved = 10.0

    private let maximumRate: Double?
    private let maximumConcurrency: Double
    private var concurrencyAllowed: Double
    /// The estimated rate that the API allows, in requests per second; nil before the first throttled request.
    private var adapted: Double?
    private var score = 0.0
    /// The fraction by which the rate grows per second.
    private var growth = Self.firstGrowth
    private var generation = 0
    private var requests = RequestRate()
    private var trial = ThrottlingTrial()

    /// - Parameter maximumRate: the maximum requests per second; nil for no limit except the API's.
    init(maximumRate: Double?, maximumConcurrency: Int) {
        self.maximumRate = maximumRate
        self.maximumConcurrency = Double(maximumConcurrency)
        concurrencyAllowed = Double(maximumConcurrency)
    }

    /// The allowed requests per second; nil for no limit.
    var rate: Double? { adapted ?? maximumRate }

    /// The allowed number of concurrent requests.
    var concurrency: Int { Int(concurrencyAllowed) }

    /// Records a request that is being sent.
    mutating func request(at now: Duration, wasPaced: Bool) -> Request {
        if adapted == nil { requests.count(at: now) }
        return Request(generation: generation, wasPaced: wasPaced, madeAt: now)
    }

    /// Records a successful answer.
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

    /// Records that the API throttled a request.
    /// - Parameter pause: how much the pause was extended by.
    mutating func throttled(_ request: Request, pause: Duration, at now: Duration) {
        guard let rate = adapted else { return begin(at: now) }
        guard request.generation == generation else { return }
        trial.throttled(pause: pause)
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

    /// The first throttled request derives the limit from the rate at that moment. Requests in flight count too, since few answers may have
    /// arrived from a slow API.
    private mutating func begin(at now: Duration) {
        let observed = max(requests.latest(at: now), Self.leastObserved)
        adapted = min(observed, maximumRate ?? Self.fastest) * Self.kept
        concurrencyAllowed = max(1, concurrencyAllowed * Self.kept)
        startOver()
    }

    private mutating func grow(_ rate: Double, after request: Request, at now: Duration) {
        // The time that one request accounts for, under the limit that currently holds requests back: rate or concurrency.
        let paced = 1 / rate
        let seconds = max(paced, (now - request.madeAt).inSeconds / concurrencyAllowed)
        let share = trial.tolerance(at: now) == nil ? min(growth, Self.growthPerAnswer * rate) : growth
        if request.wasPaced { adapted = min(rate * (1 + share * paced), maximumRate ?? Self.fastest) }
        concurrencyAllowed = min(concurrencyAllowed * (1 + Self.concurrencyLead * share * seconds), maximumConcurrency)
        if request.wasPaced || seconds > paced { growth = min(growth * (1 + Self.growthRise * seconds), Self.fastestGrowth) }
    }

    private mutating func fall(from rate: Double, at now: Duration) {
        let former = ThrottlingTrial.Limits(rate: rate, concurrency: concurrencyAllowed)
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

/// Counts requests per second.
private struct RequestRate {
    private var secondBegan = Duration.zero
    private var count = 0.0
    private var countBefore = 0.0

    mutating func count(at now: Duration) {
        moveOn(to: now)
        count += 1
    }

    /// The larger count of the current and the previous second, since the current one is incomplete.
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
