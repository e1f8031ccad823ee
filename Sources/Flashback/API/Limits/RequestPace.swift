/// When requests are due that follow each other at a rate.
///
/// An API that allows 20 requests a second cannot be met by bounding requests at once when each takes a few milliseconds. Requests
/// keep their distance also after a rest or a pause, since some limits refuse whatever comes too close to the one before.
struct RequestPace {
    /// By how much the schedule may run behind: what a timer that fires late loses is made up for.
    private static let slack = Duration.milliseconds(100)

    /// When the latest request was due.
    private var latestDue: Duration?
    /// When the latest request was made.
    private var latestMade = Duration.zero

    /// When the next request may be made.
    /// - Parameter rate: requests a second; nil when they are not bounded.
    func next(at rate: Double?) -> Duration {
        guard let rate, let latestDue else { return .zero }
        return latestDue + .seconds(1 / rate)
    }

    /// Notes that a request is made.
    /// - Parameters:
    ///   - hasWaited: whether it stood in line when it was due.
    ///   - pauseEnd: when the latest pause ended; what it kept from being made is not made up for.
    /// - Returns: whether the pace held the request back.
    mutating func took(at now: Duration, rate: Double?, hasWaited: Bool, pauseEnd: Duration?) -> Bool {
        defer { latestMade = now }
        guard rate != nil, latestDue != nil else {
            latestDue = now
            return false
        }
        let due = max(next(at: rate), pauseEnd ?? .zero)
        // One that comes when the schedule was already behind at the request before it is late because that one was.
        let isLate = hasWaited || due <= latestMade
        latestDue = isLate ? max(due, now - Self.slack) : now
        return isLate && due >= now - Self.slack
    }

    /// Takes back a request that was not made after all.
    mutating func returned(rate: Double?) {
        guard let rate else { return }
        latestDue = latestDue.map { $0 - .seconds(1 / rate) }
    }
}
