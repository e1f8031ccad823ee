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
