internal import ArgumentParser
internal import Basics
internal import BucketCollector
internal import PrometheusCommandLine

/// How long what was collected is good for.
struct CollectionOptions: ParsableArguments {
    @Option(
        name: .customLong("collect.mode"),
        help: "When the API is asked: before a scrape is answered, or whenever something is due, so that scrapes never wait.")
    var mode = CollectionMode.scrape

    @Option(
        duration: "cache.ttl",
        help: "How long an observation is served before it is read again, for every collector without a lifetime of its own; "
            + "0s reads at every scrape. (default: 30s, 5m for available and daily, 1h for yesterday)")
    var lifetime: PrometheusDuration?

    @Option(
        duration: "cache.max-stale", default: .seconds(120),
        help: "How much longer an observation is served while the API cannot be read.")
    var maxStale: PrometheusDuration

    /// What these options and the flags of the single collectors say together.
    func configuration(_ collectors: CollectorFlags, workspaceIDs: [String]) -> CollectionConfiguration {
        var configuration = CollectionConfiguration()
        configuration.collectors = collectors.enabled
        configuration.lifetimes = collectors.lifetimes
        for name in configuration.collectors where configuration.lifetimes[name] == nil {
            configuration.lifetimes[name] = lifetime?.duration
        }
        configuration.mode = mode
        configuration.maxStale = maxStale.duration
        configuration.workspaceIDs = workspaceIDs.map { Identifier($0) }
        return configuration
    }
}

extension CollectionMode: ExpressibleByArgument {}
