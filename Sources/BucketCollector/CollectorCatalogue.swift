package import Exposition

/// Every collector there is, in the order in which their families are written. A new collector is added here.
package enum CollectorCatalogue {
    /// The list, which is read first and whether or not its own collector is on: the others need it.
    static let bucketList = BucketsCollector.self

    /// The other collectors that learn about all buckets with one request.
    static let accountCollectors: [any AccountCollector.Type] = [AvailableCollector.self, TotalsCollector.self]

    /// The collectors that ask about each bucket.
    static let perBucketCollectors: [any PerBucketCollector.Type] = [
        StatusCollector.self, DailyCollector.self, YesterdayCollector.self,
    ]

    /// All of them.
    package static var all: [any Collector.Type] {
        [bucketList] + accountCollectors.map { $0 as any Collector.Type } + perBucketCollectors.map { $0 as any Collector.Type }
    }

    /// The families that a collector writes.
    package static func families(of collector: any Collector.Type) -> [MetricFamily] {
        func families<Kind: Collector>(_: Kind.Type) -> [MetricFamily] { Kind.Families.families }
        return families(collector)
    }

    /// The families about the collection itself.
    package static var ownFamilies: [MetricFamily] {
        CollectorFamilies.families + BucketOutcomeFamilies.families + APIFamilies.families + LimitFamilies.families
            + ShardFamilies.families
    }
}
