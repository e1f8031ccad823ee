/// The time in which no request is made because the API said that it is asked too much.
struct ThrottlePause {
    /// The first pause that we choose ourselves; each further one without a success between them is twice as long.
    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(60)

    /// When the latest pause ends or has ended.
    private(set) var until: Duration?
    private var chosen = 0

    /// When the pause ends that is going on at a time.
    func end(at now: Duration) -> Duration? {
        until.flatMap { $0 > now ? $0 : nil }
    }

    mutating func succeeded() {
        chosen = 0
    }

    /// - Parameters:
    ///   - retryAfter: what the API asked for. Nothing at all, which is also what a date says whose clock is behind ours, is for us
    ///     to choose: to return at once is what it complained about.
    ///   - isNews: whether this is the first complaint since the latest pause began.
    ///   - jitter: from 0 to 1.
    /// - Returns: by how much the pause has become longer.
    mutating func throttled(at now: Duration, retryAfter: Duration?, isNews: Bool, jitter: Double) -> Duration {
        let end: Duration
        if let retryAfter, retryAfter > .zero {
            end = now + retryAfter
        } else {
            guard isNews else { return .zero }
            var pause = Self.first
            for _ in 0..<min(chosen, 10) { pause += pause }
            chosen += 1
            // Between half and all of it.
            end = now + min(pause, Self.longest) * (0.5 + jitter / 2)
        }
        let former = max(until ?? now, now)
        until = max(former, end)
        return max(former, end) - former
    }
}
