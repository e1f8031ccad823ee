/// How fast requests may follow each other.
///
/// An API that allows 20 requests a second cannot be met by bounding requests at once when each takes a few milliseconds. The pace
/// begins with the first complaint, somewhat below the rate at which it came, falls with each further one and rises slowly with
/// the requests between them: it finds the API's limit and stays just below it.
struct RequestPace {
    /// What a complaint makes of the pace.
    private static let decrease = 0.8
    /// What as many successes as fit into a second make of it. It takes 22 s to regain what a complaint cost, so that at 20 requests
    /// a second one complaint comes on several hundred requests. It is not time that counts: a pace that rose while nothing was
    /// asked would say nothing of what the API bears.
    private static let increase = 0.01
    /// Requests a second; slower than that would not be collecting any more.
    private static let slowest = 0.5
    /// Requests a second; faster than that is no bound.
    private static let fastest = 1e6
    /// Requests a second at least that a complaint is taken to have come at. A complaint soon after a rest, when few requests were
    /// made, tells little of the limit: to begin too fast costs a few more complaints, to begin too slowly costs minutes.
    private static let leastObserved = 10.0
    /// By how much the schedule may run behind: what a timer that fires late loses is made up for.
    private static let slack = Duration.milliseconds(100)
    /// How far back requests are counted to tell the rate at which a complaint came.
    private static let window = Duration.seconds(1)

    private let maximum: Double?
    /// Requests a second that the API seems to bear; nil before its first complaint.
    private var adapted: Double?
    /// When the latest request was due.
    private var latestDue: Duration?
    /// When requests were made in the latest window.
    private var takenAt: ArraySlice<Duration> = []

    init(maximum: Double?) {
        self.maximum = maximum
    }

    /// Requests a second that are allowed; nil when they are not bounded.
    var rate: Double? {
        switch (adapted, maximum) {
        case (let adapted?, let maximum?): min(adapted, maximum)
        case (let only?, nil), (nil, let only?): only
        case (nil, nil): nil
        }
    }

    /// When the next request may be made.
    func next(at now: Duration) -> Duration {
        guard let rate, let latestDue else { return now }
        return latestDue + .seconds(1 / rate)
    }

    mutating func took(at now: Duration) {
        latestDue = max(next(at: now), now - Self.slack)
        takenAt.append(now)
        forget(before: now - Self.window)
    }

    mutating func succeeded() {
        adapted = adapted.map { min($0 + Self.increase, Self.fastest) }
    }

    mutating func throttled(at now: Duration) {
        forget(before: now - Self.window)
        let observed = max(Double(takenAt.count) / Self.window.inSeconds, Self.leastObserved)
        adapted = max(Self.slowest, min(rate ?? .infinity, observed) * Self.decrease)
    }

    private mutating func forget(before limit: Duration) {
        while let first = takenAt.first, first < limit { takenAt.removeFirst() }
    }
}
