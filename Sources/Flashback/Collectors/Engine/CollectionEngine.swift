package import Basics
package import Exposition
package import FlashbackAPI
internal import FoundationEssentials
package import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// Collects an account's data and serves scrapes from it.
///
/// A ``Schedule`` holds what is due, the columns hold the observations, and a ``SnapshotWriter`` turns changes into samples. In
/// scrape mode a scrape queues what is due and waits for what can be expected in time; the queue is processed beyond its deadline
/// as long as scrapes keep coming, and until everything has been read once. In background mode items are requested when they fall due, and
/// scrapes never wait.
package actor CollectionEngine: Service {
    /// How often the snapshot is renewed in background mode while answers arrive.
    static let publicationInterval = Duration.seconds(1)
    /// The minimum time without a scrape after which processing of the queue stops.
    private static let minimumPatience = Duration.seconds(5)

    let mode: CollectionMode
    /// How long the queue is processed without a scrape: data read later would be too old to serve.
    let patience: Duration
    let context: ReadingContext
    let logger: Logger

    // MARK: The table of observations

    /// The enabled collectors' columns, in the order in which their families are written.
    let columns: [any Column]
    let listColumn: ListColumn?
    let accountColumns: [any AccountColumn]
    let perBucketColumns: [any PerBucketColumn]
    var directory = BucketDirectory()
    /// When the latest list was requested.
    var listRequestedAt: Duration?

    // MARK: The queue

    var schedule: Schedule
    /// Items that fell due after this time are not requested yet.
    var horizon = Duration.zero
    /// When a scrape last asked for data.
    var wantedAt = Duration.zero
    /// Whether a scrape has asked for data since the worker was last stopped.
    var isWanted = false
    var worker: Task<Void, Never>?
    /// Makes the worker look for more work; nil while it is not running.
    var wake: AsyncStream<Void>.Continuation?
    /// Completes when nothing is left for scrapes to wait for, and is then replaced by a new one.
    var settled = CompletionSignal()
    /// Completes at the end of a request for the list, and is then replaced by a new one.
    var listAttempted = CompletionSignal()
    var usualDurations: [Schedule.Kind: UsualDuration] = [:]
    /// By lane, in the order of ``perBucketColumns``.
    var bulkLanes: [BulkLane]

    // MARK: The writer

    let changes: ChangedRanges
    let writer: SnapshotWriter
    nonisolated let published = PublishedSnapshot()
    var publication: Task<MetricSnapshot, Never>?
    var progressOfRanges: [RangeProgress]
    /// Receives ranges to write while answers are outstanding; nil while the worker is not running.
    var writeAhead: AsyncStream<RangeToWrite>.Continuation?

    // MARK: Reports

    var listReport: CollectorReport
    /// In the order of ``accountColumns``.
    var accountReports: [CollectorReport]
    /// In the order of ``perBucketColumns``.
    var perBucketReports: [CollectorReport]
    var rounds: [CollectionRound]
    var slowCollectors: Set<String> = []
    nonisolated let readiness = NIOLockedValueBox(false)

    /// - Parameter account: the account's name for the label `account`; nil when there is only one.
    package init(
        client: FlashbackClient, account: Identifier? = nil, configuration: CollectionConfiguration = CollectionConfiguration(),
        time: TimeSource, logger: Logger
    ) {
        mode = configuration.mode
        patience = max(configuration.maxStale, Self.minimumPatience)
        self.logger = logger
        let context = ReadingContext(
            client: client, account: account, configuration: configuration, time: time, logger: logger)
        self.context = context
        func timing(_ collector: any Collector.Type) -> ItemTiming {
            ItemTiming(configuration.lifetime(of: collector), mode: configuration.mode)
        }
        func report(_ collector: any Collector.Type) -> CollectorReport {
            CollectorReport(collector: collector.name, lifetime: configuration.lifetime(of: collector))
        }
        let accountCollectors = CollectorCatalogue.accountCollectors.filter(configuration.collects)
        let perBucketCollectors = CollectorCatalogue.perBucketCollectors.filter { configuration.isOn($0) }
        listColumn = configuration.isOn(CollectorCatalogue.list) ? ListColumn(account: context.account) : nil
        accountColumns = accountCollectors.map { $0.column(account: context.account) }
        perBucketColumns = perBucketCollectors.map { $0.column(account: context.account) }
        bulkLanes = perBucketColumns.map { BulkLane($0.hasBulk ? configuration.bulk : .never) }
        columns = (listColumn.map { [$0 as any Column] } ?? []) + accountColumns + perBucketColumns
        changes = ChangedRanges(columns: columns.count)
        writer = SnapshotWriter(columns, changes: changes)
        schedule = Schedule(
            accounts: [timing(CollectorCatalogue.list)] + accountCollectors.map { timing($0) },
            lanes: perBucketCollectors.map { timing($0) }, places: client.budget.maximumConcurrency)
        progressOfRanges = perBucketCollectors.map { _ in RangeProgress() }
        listReport = report(CollectorCatalogue.list)
        accountReports = accountCollectors.map { report($0) }
        perBucketReports = perBucketCollectors.map { report($0) }
        rounds = perBucketCollectors.map { _ in CollectionRound() }
    }

    // MARK: Scrapes

    /// The snapshot for a scrape.
    /// - Parameter timeout: how long to wait for what is due; nil waits for everything. The scrape returns what is known when the time is
    ///   over, or earlier if the rest cannot be expected in time.
    package nonisolated func snapshot(within timeout: Duration? = nil) async -> MetricSnapshot {
        let moment = context.time.moment
        switch mode {
        case .background:
            if let snapshot = published.servable(at: moment) { return snapshot }
        case .scrape:
            if let snapshot = published.fresh(at: moment) { return snapshot }
            await collect(within: timeout)
        }
        return await publish()
    }

    /// Whether everything has been requested once since the start, successfully or not; of the buckets, those that are listed.
    package nonisolated var isReady: Bool { readiness.withLockedValue { $0 } }

    /// The current state for the status page.
    /// - Parameter timeout: how long to wait for what is due, as for a scrape.
    package func overview(within timeout: Duration) async -> AccountOverview {
        if mode == .scrape, published.fresh(at: context.time.moment) == nil { await collect(within: timeout) }
        return await AccountOverview(self)
    }

    /// The state of the bucket list and of each collector.
    package func reports() -> [CollectorReport] {
        updateReports()
        return [listReport] + accountReports + perBucketReports
    }

    /// The index of a lane's column among ``columns``.
    func column(ofLane lane: Int) -> Int { columns.count - perBucketColumns.count + lane }

    /// The index among ``columns`` of the column of a collector that covers all buckets.
    func column(ofAccount index: Int) -> Int { column(ofLane: 0) - accountColumns.count + index }

    /// The requests that fill a column; the first column may be the bucket list's.
    func kind(ofColumn column: Int) -> Schedule.Kind {
        if column >= self.column(ofLane: 0) { return .lane(column - self.column(ofLane: 0)) }
        let index = column - self.column(ofAccount: 0)
        return index >= 0 ? .account(index) : .list
    }

    /// The reports of the enabled collectors, in the order of ``columns``.
    var exportedReports: [CollectorReport] { (listColumn == nil ? [] : [listReport]) + accountReports + perBucketReports }

    /// The progress of the first collection, in requests.
    package var progress: CollectionProgress {
        var progress = CollectionProgress(
            expected: 1 + accountColumns.count + directory.count * perBucketColumns.count)
        progress.done = ([listReport] + accountReports).count(where: \.hasRun)
        for column in perBucketColumns { progress.done += column.tally.requested }
        return progress
    }

    // MARK: The service

    /// Collects once at the start, so that the first scrape finds data, and continuously in background mode. Cancels requests in
    /// progress at shutdown.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.collectByItself() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        stopWorking()
        await worker?.value
    }

    private func collectByItself() async {
        want()
        while mode == .background, !Task.isCancelled {
            let moment = context.time.moment
            if published.changes > 0, published.current(at: moment) == nil { _ = await publish() }
            try? await context.time.sleep(until: max(nextStep(at: moment), moment.uptime + Self.publicationInterval))
            want()
        }
    }

    /// When the next action is due in background mode. While the worker is running, the only action is publishing.
    private func nextStep(at moment: Moment) -> Duration {
        if wake != nil { return moment.uptime }
        let (servableUntil, validUntil) = published.end
        let end = moment.uptime + Duration.seconds(min(max(validUntil.timeIntervalSince(moment.date), 0), 86_400))
        return min(schedule.nextDue(at: moment.date), servableUntil, end)
    }
}
