/// How long requests of one kind usually take, by which those are told apart that no scrape should wait for.
///
/// The mean and the mean deviation of successes, smoothed as TCP smooths its round trips (RFC 6298 section 2).
struct UsualDuration {
    /// Shorter than that no request is unusually long.
    private static let shortestLimit = Duration.milliseconds(500)

    private(set) var mean: Duration?
    private var deviation = Duration.zero

    mutating func note(_ duration: Duration) {
        guard let mean else {
            (mean, deviation) = (duration, duration / 2)
            return
        }
        let difference = duration - mean
        deviation += ((difference < .zero ? .zero - difference : difference) - deviation) / 4
        self.mean = mean + difference / 8
    }

    /// A request that takes longer than that takes far longer than usual; nil before anything is usual.
    var limit: Duration? { mean.map { max(Self.shortestLimit, $0 * 3 + deviation * 4) } }
}
