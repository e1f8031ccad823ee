/// How many requests may be under way at once: one more after a round of successes, half as many after a complaint.
struct AdaptiveConcurrency {
    private let maximum: Double
    private var allowed: Double

    init(maximum: Int) {
        self.maximum = Double(maximum)
        allowed = Double(maximum)
    }

    var current: Int { Int(allowed) }

    mutating func succeeded() {
        // As many successes as may be under way at once make one round.
        allowed = min(maximum, allowed + 1 / allowed)
    }

    mutating func throttled() {
        allowed = max(1, (allowed / 2).rounded(.down))
    }
}
