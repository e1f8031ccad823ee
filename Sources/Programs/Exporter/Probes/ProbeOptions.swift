internal import ArgumentParser
internal import Configuration
internal import FlashbackCollectors

/// Whether buckets are probed on request, and how often.
struct ProbeOptions: ParsableArguments {
    @Flag(
        name: .customLong("probe.enabled"), inversion: .prefixedNo,
        help: "Enable /probe, which has the API try to reach a bucket, and /discovery, which lists the buckets as its targets.")
    var isEnabled = false

    @Option(
        duration: "probe.interval", default: ProbeLimits().interval,
        help: "Minimum time between two probes of the same bucket; until then the latest result is returned again.")
    var interval: PrometheusDuration

    @Option(
        name: .customLong("probe.concurrency"), parsing: .unconditional,
        help: ArgumentHelp(
            "Maximum concurrent probes per account, at most half of the concurrent requests to the API.", valueName: "count"))
    var concurrency = ProbeLimits().concurrency

    /// The limits of probes; nil if they are disabled.
    /// - Throws: a one-line error with the invalid option.
    func limits() throws(InvalidArgument) -> ProbeLimits? {
        guard interval.duration >= .seconds(1) else { throw InvalidArgument("--probe.interval must be at least 1s") }
        guard concurrency >= 1 else { throw InvalidArgument("--probe.concurrency must be at least 1") }
        guard isEnabled else { return nil }
        var limits = ProbeLimits()
        limits.interval = interval.duration
        limits.concurrency = concurrency
        return limits
    }
}
