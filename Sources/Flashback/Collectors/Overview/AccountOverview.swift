package import Basics
package import FlashbackAPI
package import FoundationEssentials

/// The current state of an account, for people instead of Prometheus.
///
/// It is built from the same observations and by the same rules as the metrics: data that may no longer be served is omitted.
package struct AccountOverview: Sendable {
    /// The state of one collector.
    package struct Collector: Sendable {
        package let name: String
        /// Nil for a disabled collector.
        package let report: CollectorReport?
    }

    /// The calendar time at which it was created.
    package let date: Date
    /// The state of the bucket list, which is read even when its collector is disabled: without it the API counts as down.
    package let list: CollectorReport
    /// All collectors, in the catalogue's order.
    package let collectors: [Collector]
    /// The listed buckets, in list order; nil when no list is recent enough to serve.
    package let buckets: [BucketSummary]?
    package let token: AccessTokenReport
    /// The end of a pause requested by the API; nil without one.
    package let pauseEnd: Date?

    init(_ engine: isolated CollectionEngine) async {
        let context = engine.context
        let moment = context.time.moment
        let reports = engine.reports()
        let list = reports[0]
        let isListServed = engine.listRequestedAt.map { moment.uptime - $0 <= list.servedFor } ?? false
        var summaries = isListServed ? engine.directory.places.map { BucketSummary($0.bucket) } : []
        for (column, report) in zip(engine.requestingColumns, reports.suffix(engine.requestingColumns.count)) where isListServed {
            for (index, place) in engine.directory.places.enumerated() {
                column.summarize(place.slot, servedFor: report.servedFor, at: moment, in: &summaries[index])
            }
        }
        let exported = engine.listColumn == nil ? Array(reports.dropFirst()) : reports
        let byName = Dictionary(exported.map { ($0.collector, $0) }) { first, _ in first }
        self.list = list
        collectors = CollectorCatalogue.all.map { Collector(name: $0.name, report: byName[$0.name]) }
        buckets = isListServed ? summaries : nil
        date = moment.date
        pauseEnd = context.client.budget.pauseEnd.map { context.time.date(at: $0) }
        token = await context.client.tokenReport
    }
}

/// The current state of one bucket in brief.
package struct BucketSummary: Sendable {
    /// A collector's failed latest request for the bucket.
    package struct Failure: Sendable, Hashable {
        package let collector: String
        /// One line, without the API's text.
        package let message: String
    }

    /// The bucket's row in the list.
    package let bucket: Bucket
    /// How the nodes see the bucket; nil when unknown or too old to serve.
    package var nodes: BucketNodes?
    /// When the nodes' status was last read successfully, however long ago.
    package var nodesReadAt: Date?
    /// The highest uptime ratio of any node today, from 0 to 1. Through some node the bucket was reachable for at least that
    /// share.
    package var uptimeToday: Double?
    /// The failures of the latest requests for the bucket.
    package var failures: [Failure] = []

    package init(_ listed: ListedBucket) {
        bucket = listed.bucket
    }

    package var id: Identifier { bucket.id }
}

/// How the bridge nodes see a bucket.
package struct BucketNodes: Sendable, Hashable {
    /// A node that is not online.
    package struct Away: Sendable, Hashable {
        package let node: Identifier
        package let region: String?
        /// Nil when the API reports no status.
        package let status: ReachabilityStatus?
    }

    package let total: Int
    package let online: Int
    package let away: [Away]
    /// The lowest latency measured by an online node, in milliseconds.
    package let bestLatencyMilliseconds: Double?

    init(_ nodes: [NodeStatus]) {
        let online = nodes.filter { $0.status == .online }
        total = nodes.count
        self.online = online.count
        away = nodes.filter { $0.status != .online }.map { Away(node: $0.node, region: $0.region, status: $0.status) }
        bestLatencyMilliseconds = online.compactMap(\.latencyMilliseconds).min()
    }
}
