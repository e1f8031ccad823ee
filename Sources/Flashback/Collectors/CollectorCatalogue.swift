package import Exposition

/// All collectors, in the order in which their families are written. Add new collectors here.
package enum CollectorCatalogue {
    /// The collector of the bucket list's data.
    static let list = BucketsCollector.self

    /// The other collectors that cover all buckets with one request.
    static let accountCollectors: [any AccountCollector.Type] = [
        AvailableCollector.self, TotalsCollector.self,
        RepositoriesCollector.self,
        NodesCollector.self,
        TrafficCollector.self,
        QuotaCollector.self, CreditsCollector.self, WorkspacesCollector.self,
    ]

    /// The collectors that make one request per bucket.
    static let perBucketCollectors: [any PerBucketCollector.Type] = [
        StatusCollector.self, DailyCollector<Today>.self, DailyCollector<Yesterday>.self,
    ]

    /// All collectors.
    package static var all: [any Collector.Type] {
        [list] + accountCollectors.map { $0 as any Collector.Type } + perBucketCollectors.map { $0 as any Collector.Type }
    }

    /// The names of the collectors that are enabled by default.
    package static var onByDefault: Set<String> { Set(all.filter { $0.isOnByDefault }.map { $0.name }) }

    /// A collector's families.
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
