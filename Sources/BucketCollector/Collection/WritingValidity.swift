internal import FoundationEssentials

/// For how long, and about which buckets, written samples say what would be written now.
struct WritingValidity: Sendable {
    let buckets: [ListedBucket]
    /// Until then everything that was written may be served.
    private var servableUntil = Duration.seconds(Int64.max / 2)
    /// From then on something that was written is no longer true.
    private var end = Date.distantFuture

    init(buckets: [ListedBucket]) {
        self.buckets = buckets
    }

    func holds(for buckets: [ListedBucket], at uptime: Duration, _ now: Date) -> Bool {
        uptime <= servableUntil && now < end && buckets.elementsEqual(self.buckets) { $0.hasSameSeries(as: $1) }
    }

    /// Something is written that may be served until a time, and is true until another.
    mutating func limit(servableUntil time: Duration, trueUntil date: Date?) {
        servableUntil = min(servableUntil, time)
        if let date { end = min(end, date) }
    }
}
