/// How much of the steady time there was work that could be done.
///
/// Cycles are measured with it, so that they tell of slowness alone: while the list cannot be read, or no scrape wants anything, no
/// item is requested, however long that takes.
struct WorkClock {
    /// A longer wait between two requests is an outage, and counts as no more than this.
    private static let longestGap = Duration.seconds(120)

    private(set) var value = Duration.zero
    private var previous: (time: Duration, leftWork: Bool)?

    /// An item was taken to be requested.
    /// - Parameter leavesWork: whether more is due after it.
    mutating func took(at now: Duration, leavesWork: Bool) {
        if let previous, previous.leftWork { value += min(now - previous.time, Self.longestGap) }
        previous = (now, leavesWork)
    }

    /// The time it shows if the work that was left goes on.
    func value(at now: Duration) -> Duration {
        guard let previous, previous.leftWork else { return value }
        return value + min(now - previous.time, Self.longestGap)
    }
}

/// How long a collector takes to come round to the same item again: how old observations are when they are renewed.
///
/// It is the longest of recent renewals. Recent are those of the current cycle and of the one before; without renewals, as in an
/// outage, it stays what it was.
struct CycleTime {
    private var currentWindow: (start: Duration, longest: Duration)?
    private var previousLongest = Duration.zero

    /// Nil before the first renewal.
    var value: Duration? { currentWindow.map { max($0.longest, previousLongest) } }

    /// An item was read again.
    /// - Parameter age: the age of what was known of it.
    mutating func renewed(after age: Duration, at now: Duration) {
        guard let window = currentWindow else {
            currentWindow = (now, age)
            return
        }
        if now - window.start > max(window.longest, previousLongest) {
            previousLongest = window.longest
            currentWindow = (now, age)
        } else {
            currentWindow = (window.start, max(window.longest, age))
        }
    }
}
