/// Spaces requests evenly at a given rate.
///
/// Limiting concurrency is not enough for an API that allows 20 requests per second when each request takes a few milliseconds. The spacing
/// also applies after an idle time or a pause, since some limits refuse requests that follow each other too closely.
struct RequestPace {
    /// How far the schedule may lag behind: requests make up for the time lost to a late timer.
    private static let slack = Duration.milliseconds(100)

    /// When the latest request was due.
    private var latestDue: Duration?
    /// When the latest request was made.
    private var latestMade = Duration.zero

    /// The earliest time of the next request.
    /// - Parameter rate: requests per second; nil for no limit.
    func next(at rate: Double?) -> Duration {
        guard let rate, let latestDue else { return .zero }
        return latestDue + .seconds(1 / rate)
    }

    /// Records a request.
    /// - Parameters:
    ///   - hasWaited: whether it was waiting in line when it became due.
    ///   - pauseEnd: when the latest pause ended; requests delayed by a pause are not made up for.
    /// - Returns: whether the rate limit delayed the request.
    mutating func took(at now: Duration, rate: Double?, hasWaited: Bool, pauseEnd: Duration?) -> Bool {
        defer { latestMade = now }
        guard rate != nil, latestDue != nil else {
            latestDue = now
            return false
        }
        let due = max(next(at: rate), pauseEnd ?? .zero)
        // If the schedule already lagged at the previous request, this one is late because of it.
        let isLate = hasWaited || due <= latestMade
        latestDue = isLate ? max(due, now - Self.slack) : now
        return isLate && due >= now - Self.slack
    }

    /// Undoes the record of a request that was not made.
    mutating func returned(rate: Double?) {
        guard let rate else { return }
        latestDue = latestDue.map { $0 - .seconds(1 / rate) }
    }
}
