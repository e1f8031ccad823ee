package import Basics
package import FlashbackAPI
package import FoundationEssentials

/// The current state of an account, for the status page instead of Prometheus.
///
/// It is built from the same observations and by the same rules as the metrics: data that may no longer be served is omitted.
package struct AccountOverview: Sendable {
    /// The state of one collector.
    package struct Collector: Sendable {
        package let name: String
        /// Nil for a disabled collector.
        package var report: CollectorReport?
        /// The number of buckets whose latest request failed.
        package var failingBuckets = 0
    }

    /// The calendar time at which it was created.
    package var date: Date
    /// The state of the bucket list, which is read even when its collector is disabled: without it the API counts as down.
    package var list: CollectorReport
    /// All collectors, in the catalogue's order.
    package var collectors: [Collector]
    /// The listed buckets, in list order; nil when no list is recent enough to serve.
    package var buckets: [BucketSummary]?
    package var account = AccountSummary()
    package var token: AccessTokenReport
    /// The end of a pause requested by the API; nil without one.
    package var pauseEnd: Date?
}

extension AccountOverview {
    init(_ engine: isolated CollectionEngine) async {
        let context = engine.context
        let moment = context.time.moment
        engine.updateReports()
        let list = engine.listReport
        let isListServed = engine.listRequestedAt.map { moment.uptime - $0 <= list.servedFor } ?? false
        var summaries = isListServed ? engine.directory.places.map { BucketSummary($0.bucket) } : []
        for (column, report) in zip(engine.perBucketColumns, engine.perBucketReports) where isListServed {
            for (index, place) in engine.directory.places.enumerated() {
                column.summarize(place.slot, servedFor: report.servedFor, at: moment, in: &summaries[index])
            }
        }
        var account = AccountSummary()
        for (column, report) in zip(engine.accountColumns, engine.accountReports) {
            column.summarize(servedFor: report.servedFor, at: moment, in: &account)
        }
        let reports = Dictionary(engine.exportedReports.map { ($0.collector, $0) }) { first, _ in first }
        let failing = summaries.reduce(into: [String: Int]()) { counts, summary in
            for failure in summary.failures { counts[failure.collector, default: 0] += 1 }
        }
        self.init(
            date: moment.date, list: list,
            collectors: CollectorCatalogue.all.map {
                Collector(name: $0.name, report: reports[$0.name], failingBuckets: failing[$0.name] ?? 0)
            },
            buckets: isListServed ? summaries : nil, account: account, token: await context.client.tokenReport,
            pauseEnd: context.client.budget.pauseEnd.map { context.time.date(at: $0) })
    }
}

/// A summary of one bucket's current state.
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
    /// The highest uptime ratio of any node today, from 0 to 1: the bucket was reachable for at least this share of the day.
    package var uptimeToday: Double?
    /// The failures of the latest requests for the bucket.
    package var failures: [Failure] = []

    package var id: Identifier { bucket.id }
}

extension BucketSummary {
    package init(_ listed: ListedBucket) {
        self.init(bucket: listed.bucket)
    }
}

/// How the bridge nodes see a bucket.
package struct BucketNodes: Sendable, Hashable {
    /// A node that is not online for the bucket.
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
}

extension BucketNodes {
    init(_ nodes: [NodeStatus]) {
        let online = nodes.filter { $0.status == .online }
        self.init(
            total: nodes.count, online: online.count,
            away: nodes.filter { $0.status != .online }.map { Away(node: $0.node, region: $0.region, status: $0.status) },
            bestLatencyMilliseconds: online.compactMap(\.latencyMilliseconds).min())
    }
}
