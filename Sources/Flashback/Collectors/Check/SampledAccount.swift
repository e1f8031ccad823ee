internal import Basics
package import Exposition
internal import FlashbackAPI
internal import Logging

/// What a check has read of an account: the list, the answers about the account, and answers about a few buckets as a sample of all.
/// Estimates what a scrape would contain under any configuration.
package struct SampledAccount: Sendable {
    private typealias Entry = (collector: any Collector.Type, column: any Column)

    /// The number of collected buckets.
    package let bucketCount: Int
    /// The largest number of buckets that a collector has requested, separately or together; nil without such a collector.
    package private(set) var sampleCount: Int?

    let places: [BucketDirectory.Place]
    private let contents: [[BucketDirectory.Place]]
    private var entries: [Entry] = []
    private let client: FlashbackClient
    private let name: Identifier?
    private let time: TimeSource
    private let logger: Logger

    init(_ buckets: [ListedBucket], client: FlashbackClient, name: Identifier?, time: TimeSource, logger: Logger) {
        var directory = BucketDirectory()
        _ = directory.update(with: buckets, requestedAt: .zero, retention: .zero)
        (bucketCount, places, contents) = (directory.count, directory.places, directory.rangeContents)
        (self.client, self.name, self.time, self.logger) = (client, name, time, logger)
        let list = ListColumn(account: AccountLabel(name, selection: MetricSelection()))
        list.renew(askedAt: time.uptime)
        entries.append((CollectorCatalogue.list, list))
    }

    /// Makes the request of a collector that covers all buckets with one request.
    mutating func read(_ collector: any AccountCollector.Type, _ context: ReadingContext) async -> Attempt {
        let column = collector.column(account: context.account)
        let attempt = await column.read(context)
        _ = column.distribute(to: places)
        entries.append((collector, column))
        return attempt
    }

    /// Adds a column with observations of some buckets, and copies them to the other buckets.
    mutating func add(_ collector: any PerBucketCollector.Type, _ column: any PerBucketColumn) {
        sampleCount = max(sampleCount ?? 0, column.tally.requested)
        column.fill(places)
        entries.append((collector, column))
    }

    /// What a scrape would contain.
    /// - Parameter configuration: must not enable collectors that were not read; their samples would be missing.
    package func snapshot(under configuration: CollectionConfiguration) async -> MetricSnapshot {
        let context = ReadingContext(client: client, account: name, configuration: configuration, time: time, logger: logger)
        let moment = time.moment
        let entries = entries.filter { configuration.isOn($0.collector) }
        let columns = entries.map { $0.column.written(as: context.account) }
        let changes = ChangedRanges(columns: columns.count)
        changes.note(contents)
        let forever = Duration.seconds(Int64.max / 4)
        let output = await SnapshotWriter(columns, changes: changes).snapshot(
            SnapshotWriter.Terms(servedFor: columns.map { _ in forever }, hasList: true), at: moment)
        func report(_ collector: any Collector.Type) -> CollectorReport {
            var report = CollectorReport(collector: collector.name, lifetime: configuration.lifetime(of: collector))
            report.note(succeeded: true, at: moment.date)
            report.lastSuccess = moment.date
            report.cycle = report.lifetime.fresh
            return report
        }
        let list = report(CollectorCatalogue.list)
        let own = CollectorFamilies.rendered(
            context.account, list: list, isListServed: true, reports: entries.map { report($0.collector) },
            since: context.client.statistics.start)
        let perBucket = entries.filter { $0.collector is any PerBucketCollector.Type }.map { report($0.collector) }
        let limits = LimitFamilies.rendered(context.account, list: list, perBucket: perBucket, configuration.selection)
        return MetricSnapshot(own + output.families + (await APIFamilies.rendered(context)) + limits)
    }
}
