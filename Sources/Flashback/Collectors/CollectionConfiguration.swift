package import Basics

/// When the API is asked.
package enum CollectionMode: String, Sendable, CaseIterable {
    /// A scrape has read what is due, and waits for it.
    case scrape
    /// What is due is read as soon as it is, and scrapes only get what is there.
    case background
}

/// What is collected and how long it is good for.
package struct CollectionConfiguration: Sendable, Hashable {
    /// The names of the collectors that are on.
    package var collectors: Set<String> = Set(CollectorCatalogue.all.map { $0.name })
    /// How long a collector's observations are fresh, where that is not its default lifetime; by name.
    package var lifetimes: [String: Duration] = [:]
    /// How much longer than it is fresh an observation may be served while it cannot be read again.
    package var maxStale: Duration = .seconds(120)
    package var mode = CollectionMode.scrape
    /// The workspaces whose buckets are collected; empty collects all that the account may see.
    package var workspaceIDs: [Identifier] = []
    /// Which of the listed buckets are collected.
    package var selection = BucketSelection()

    package init() {}

    func lifetime(of collector: any Collector.Type) -> CollectorLifetime {
        CollectorLifetime(fresh: lifetimes[collector.name] ?? collector.defaultLifetime, stale: maxStale)
    }
}

/// How long a collector's observations are good for.
package struct CollectorLifetime: Sendable, Hashable {
    /// After it an observation is read again.
    package let fresh: Duration
    /// How much longer an observation may be served while it cannot be read again.
    package let stale: Duration

    package init(fresh: Duration, stale: Duration) {
        self.fresh = fresh
        self.stale = stale
    }

    /// Whether an observation, or an attempt, of a given age calls for another.
    func isDue(age: Duration) -> Bool { age >= fresh }

    /// Whether an observation of a given age may be served.
    func isServable(age: Duration) -> Bool { age <= fresh + stale }
}
