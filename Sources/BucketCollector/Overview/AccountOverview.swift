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
        package let lifetime: CollectorLifetime?
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

    init(_ collectors: CollectorSet, _ context: ReadingContext) async {
        let time = context.time
        let listed = await collectors.bucketList.reading(at: time.uptime)
        let list = await collectors.bucketList.overview(of: [], context)
        var summaries = (listed ?? []).map(BucketSummary.init)
        var overviews = collectors.exportsBucketList ? [list] : []
        for collection in collectors.account { overviews.append(await collection.overview(of: [], context)) }
        for collection in collectors.perBucket {
            let overview = await collection.overview(of: summaries, context)
            summaries = overview.summaries
            overviews.append(overview)
        }
        let byName = Dictionary(overviews.map { ($0.report.collector, $0) }) { first, _ in first }
        self.list = list.report
        self.collectors = CollectorCatalogue.all.map {
            Collector(name: $0.name, report: byName[$0.name]?.report, lifetime: byName[$0.name]?.lifetime)
        }
        buckets = listed == nil ? nil : summaries
        token = await context.client.tokenReport
        pauseEnd = context.client.budget.pauseEnd.map { time.date(at: $0) }
        date = time.now
    }
}
