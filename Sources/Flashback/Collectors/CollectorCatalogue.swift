package import Exposition

/// Every collector there is, in the order in which their families are written. A new collector is added here.
package enum CollectorCatalogue {
    /// The collector of what the list of buckets says.
    static let list = BucketsCollector.self

    /// The other collectors that learn about all buckets with one request.
    static let accountCollectors: [any AccountCollector.Type] = [AvailableCollector.self, TotalsCollector.self]

    /// The collectors that make a request for each bucket.
    static let perBucketCollectors: [any PerBucketCollector.Type] = [
        StatusCollector.self, DailyCollector.self, YesterdayCollector.self,
    ]

    /// All of them.
    package static var all: [any Collector.Type] {
        [list] + accountCollectors.map { $0 as any Collector.Type } + perBucketCollectors.map { $0 as any Collector.Type }
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
