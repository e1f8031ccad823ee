/// Measures the time during which requests could be made.
///
/// Cycles are measured in this time, so that they reflect only slowness: while the list cannot be read, or no scrape asks for data, no item
/// is requested, and that time does not count.
struct WorkClock {
    /// The maximum time counted between two requests; a longer gap is an outage.
    private static let maximumGap = Duration.seconds(120)

    private(set) var value = Duration.zero
    private var previous: (time: Duration, leftWork: Bool)?

    /// Records that an item was taken for a request.
    /// - Parameter leavesWork: whether more items are due.
    mutating func took(at now: Duration, leavesWork: Bool) {
        if let previous, previous.leftWork { value += min(now - previous.time, Self.maximumGap) }
        previous = (now, leavesWork)
    }

    /// The current value, assuming that the remaining work continues.
    func value(at now: Duration) -> Duration {
        guard let previous, previous.leftWork else { return value }
        return value + min(now - previous.time, Self.maximumGap)
    }
}

/// The time between two requests for the same item: the age of observations when they are renewed.
///
/// This is the longest recent interval, from the current and the previous cycle; without renewals, as in an outage, the value
/// stays the same.
struct CycleTime {
    private var currentWindow: (start: Duration, longest: Duration)?
    private var previousLongest = Duration.zero

    /// Nil before the first renewal.
    var value: Duration? { currentWindow.map { max($0.longest, previousLongest) } }

    /// Records that an item was renewed.
    /// - Parameter age: the age of the previous observation.
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
