package import Basics
package import Exposition

/// When requests are made.
package enum CollectionMode: String, Sendable, CaseIterable {
    /// A scrape requests whatever is due and waits for it.
    case scrape
    /// Items are requested when they fall due, and scrapes are served from the latest results.
    case background
}

/// What is collected, and how long observations are served.
package struct CollectionConfiguration: Sendable, Hashable {
    /// The names of the enabled collectors. Those without any exported family make no requests (``isOn(_:)``).
    package var collectors: Set<String> = CollectorCatalogue.onByDefault
    /// How long observations stay fresh, by collector name, where that differs from the default lifetime.
    package var lifetimes: [String: Duration] = [:]
    /// How long an observation may still be served after it is no longer fresh, while it cannot be renewed.
    package var maxStale: Duration = .seconds(120)
    package var mode = CollectionMode.scrape
    /// Whether many buckets are requested together.
    package var bulk = BulkMode.never
    /// The workspaces to collect; empty for all workspaces that the account may see.
    package var workspaceIDs: [Identifier] = []
    /// Which of the listed buckets are collected.
    package var selection = BucketSelection()
    /// Which of the collected data is exported.
    package var metrics = MetricSelection()

    package init() {}

    /// Whether a collector makes requests: it is enabled, and at least one of its families is exported.
    package func isOn(_ collector: any Collector.Type) -> Bool {
        collectors.contains(collector.name) && CollectorCatalogue.families(of: collector).contains(where: metrics.admits)
    }

    /// Whether this shard makes the request of a collector that covers all buckets with one request.
    func collects(_ collector: any AccountCollector.Type) -> Bool {
        isOn(collector) && (collector.isAboutBuckets || selection.shard?.index ?? 0 == 0)
    }

    func lifetime(of collector: any Collector.Type) -> CollectorLifetime {
        CollectorLifetime(fresh: lifetimes[collector.name] ?? collector.defaultLifetime, stale: maxStale)
    }
}

/// How long a collector's observations may be used.
package struct CollectorLifetime: Sendable, Hashable {
    /// The age at which an observation is renewed.
    package let fresh: Duration
    /// How long an observation may still be served after that, while it cannot be renewed.
    package let stale: Duration

    package init(fresh: Duration, stale: Duration) {
        self.fresh = fresh
        self.stale = stale
    }

    /// Whether a collector takes longer than two lifetimes between reads of the same bucket. A lifetime of zero is never exceeded: its data
    /// is renewed for each scrape.
    static func isExceeded(_ lifetime: Duration, by cycle: Duration?) -> Bool {
        cycle.map { lifetime > .zero && $0 > lifetime * 2 } ?? false
    }
}
