package import Basics
package import FlashbackAPI
package import FoundationEssentials

/// What the collectors know of the account now, for people rather than for Prometheus.
///
/// It is made from the same observations as the metrics and by the same rules: what may no longer be served is not in it.
package struct AccountOverview: Sendable {
    /// How one collector fares.
    package struct Collector: Sendable {
        package let name: String
        /// Nil for a collector that is off.
        package let report: CollectorReport?
    }

    /// The calendar's time at which it was made.
    package let date: Date
    /// How the bucket list fares, which is read even when its collector is off: without it the API counts as down.
    package let list: CollectorReport
    /// Every collector there is, in the catalogue's order.
    package let collectors: [Collector]
    /// The buckets of the list in its order; nil when there is no list young enough to serve.
    package let buckets: [BucketSummary]?
    package let token: AccessTokenReport
    /// When the pause ends that the API asked for; nil without one.
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

/// What the collectors know of one bucket now, in few words.
package struct BucketSummary: Sendable {
    /// A collector's latest request about the bucket that failed.
    package struct Failure: Sendable, Hashable {
        package let collector: String
        /// One line, without the API's words.
        package let message: String
    }

    /// The bucket's row in the list.
    package let bucket: Bucket
    /// How the nodes see it; nil when that is not known, or too old to be served.
    package var nodes: BucketNodes?
    /// When the nodes were last asked about with success, however long ago.
    package var nodesReadAt: Date?
    /// The highest share of today, from 0 to 1, in which one of the nodes was online for the bucket. Through any node it was
    /// reachable at least that long.
    package var uptimeToday: Double?
    /// What could not be read about it at the latest attempt.
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
        /// Nil when the node says nothing of it.
        package let status: ReachabilityStatus?
    }

    package let total: Int
    package let online: Int
    package let away: [Away]
    /// The lowest latency that a node that is online measured, in milliseconds.
    package let bestLatencyMilliseconds: Double?

    init(_ nodes: [NodeStatus]) {
        let online = nodes.filter { $0.status == .online }
        total = nodes.count
        self.online = online.count
        away = nodes.filter { $0.status != .online }.map { Away(node: $0.node, region: $0.region, status: $0.status) }
        bestLatencyMilliseconds = online.compactMap(\.latencyMilliseconds).min()
    }
}
