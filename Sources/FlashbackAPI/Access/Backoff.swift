/// How long to leave something alone that failed: twice as long after each failure, up to a bound.
struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var failures = 0
    private var until = Duration.zero

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    func isOver(at uptime: Duration) -> Bool { uptime >= until }

    /// - Parameter shortest: how long the delay must be, also beyond the bound.
    mutating func failed(at uptime: Duration, atLeast shortest: Duration = .zero) {
        var delay = first
        for _ in 0..<failures where delay < longest { delay += delay }
        failures += 1
        until = uptime + max(min(delay, longest), shortest)
    }

    mutating func reset() {
        failures = 0
        until = .zero
    }
}
