internal import Logging

/// The collections of the collectors that are on.
struct CollectorSet: Sendable {
    /// The bucket list, which is read even when its collector is off.
    let bucketList: AccountCollection<BucketsCollector>
    /// Those that learn about all buckets at once, without the list.
    let account: [any Collection]
    /// Those that ask about each bucket.
    let perBucket: [any Collection]
    let exportsBucketList: Bool

    init(_ configuration: CollectionConfiguration, logger: Logger) {
        func bucketList<Kind: AccountCollector>(_: Kind.Type) -> AccountCollection<Kind> {
            AccountCollection(Kind(), lifetime: configuration.lifetime(of: Kind.self), logger: logger)
        }
        func account<Kind: AccountCollector>(_: Kind.Type) -> any Collection { bucketList(Kind.self) }
        func perBucket<Kind: PerBucketCollector>(_: Kind.Type) -> any Collection {
            PerBucketCollection(Kind(), lifetime: configuration.lifetime(of: Kind.self), logger: logger)
        }
        func isOn(_ collector: any Collector.Type) -> Bool { configuration.collectors.contains(collector.name) }
        self.bucketList = bucketList(CollectorCatalogue.bucketList)
        exportsBucketList = isOn(CollectorCatalogue.bucketList)
        self.account = CollectorCatalogue.accountCollectors.filter(isOn).map { account($0) }
        self.perBucket = CollectorCatalogue.perBucketCollectors.filter(isOn).map { perBucket($0) }
    }

    /// All of them, the list first.
    var all: [any Collection] { [bucketList] + account + perBucket }
}
