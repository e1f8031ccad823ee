package import Exposition
package import FlashbackAPI
package import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// Answers scrapes with a snapshot, and has the collectors read what is due.
///
/// A scrape that finds everything fresh gets the published snapshot without waiting for anybody. One that finds something due
/// starts a refresh or joins the one under way, so that the API is asked once however many scrape at the same time. In background
/// mode the refresher itself starts them, and a scrape never waits.
package actor Refresher: Service {
    /// How often what a long refresh has read so far is published in background mode, where no scrape's deadline does so.
    private static let interimInterval = Duration.seconds(5)
    /// How soon a refresh may follow another in background mode, however short the lifetimes.
    private static let shortestInterval = Duration.seconds(1)

    /// What scrapes are answered with, and until when it needs no refresh.
    private struct Published {
        var snapshot = MetricSnapshot.empty
        var freshUntil = Duration.zero
        var hasRefreshed = false
        /// When a scrape last asked for a refresh, or the start did.
        var wantedAt = Duration.zero
    }

    /// A refresh under way.
    private struct Refresh {
        let task: Task<Void, Never>
        let end: CompletionSignal
    }

    private let mode: CollectionMode
    /// How long a refresh goes on without a scrape that wants it: what is read later would be too old to serve.
    private let patience: Duration
    private let context: ReadingContext
    private let collectors: CollectorSet
    private let published = NIOLockedValueBox(Published())
    private var refresh: Refresh?
    /// How many have been published.
    private var refreshesEnded = 0
    /// The publication of what a refresh under way has read so far, when one is going on.
    private var interimPublication: CompletionSignal?

    /// - Parameter account: the account's name, which its series carry; nil where there is only one.
    package init(
        client: FlashbackClient, account: String? = nil, configuration: CollectionConfiguration = CollectionConfiguration(),
        time: TimeSource, logger: Logger
    ) {
        mode = configuration.mode
        patience = max(configuration.maxStale, Self.interimInterval)
        context = ReadingContext(
            client: client, account: account, configuration: configuration, time: time, logger: logger)
        collectors = CollectorSet(configuration, logger: logger)
    }

    // MARK: Scrapes

    /// The snapshot for a scrape.
    /// - Parameter timeout: how long to wait for a refresh. When it is over the scrape gets what has been read by then, and the
    ///   refresh goes on for the next one; nil waits for its end.
    package nonisolated func snapshot(within timeout: Duration? = nil) async -> MetricSnapshot {
        let uptime = context.time.uptime
        let known = published.withLockedValue { $0 }
        if known.freshUntil > uptime { return known.snapshot }
        switch mode {
        case .background:
            // Even before anything was read there is something to tell.
            if known.snapshot.families.isEmpty { await publishInterim() }
        case .scrape:
            let end = await joinRefresh()
            let hasEnded = await waits(for: end, within: timeout)
            if !hasEnded, !Task.isCancelled { await publishInterim() }
        }
        return published.withLockedValue { $0.snapshot }
    }

    /// Whether a refresh has ended since the start, with whatever success.
    package nonisolated var hasRefreshed: Bool { published.withLockedValue { $0.hasRefreshed } }

    /// What is known now, for people.
    /// - Parameter timeout: how long to wait for the refresh that it starts, as a scrape does, when something is due.
    package nonisolated func overview(within timeout: Duration) async -> AccountOverview {
        if mode == .scrape, published.withLockedValue({ $0.freshUntil }) <= context.time.uptime {
            _ = await waits(for: await joinRefresh(), within: timeout)
        }
        return await AccountOverview(collectors, context)
    }

    /// How each collector fared, and the bucket list first.
    package func reports() async -> [CollectorReport] {
        var reports: [CollectorReport] = []
        for collection in collectors.all { reports.append(await collection.report) }
        return reports
    }

    /// How far the refresh under way has come.
    package func progress() async -> CollectionProgress {
        var progress = CollectionProgress()
        for collection in collectors.all { progress += await collection.progress }
        return progress
    }

    /// - Returns: whether the refresh ended in time.
    private nonisolated func waits(for refresh: CompletionSignal, within timeout: Duration?) async -> Bool {
        guard let timeout else {
            await refresh.wait()
            return refresh.isComplete
        }
        let time = context.time
        let deadline = time.uptime + timeout
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await refresh.wait() }
            group.addTask { try? await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
        return refresh.isComplete
    }

    // MARK: The service

    /// Refreshes at the start, so that the first scrape finds something, and in background mode from then on; ends a refresh under
    /// way at shutdown.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.refreshAsDue() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        refresh?.task.cancel()
        await refresh?.task.value
    }

    private func refreshAsDue() async {
        repeat {
            let end = joinRefresh()
            while await !waits(for: end, within: Self.interimInterval), !Task.isCancelled {
                if mode == .background { await publishInterim() }
            }
            let due = max(published.withLockedValue { $0.freshUntil }, context.time.uptime + Self.shortestInterval)
            if mode == .background { try? await context.time.sleep(until: due) }
        } while mode == .background && !Task.isCancelled
    }

    // MARK: Refreshes

    /// Starts a refresh unless one is under way, and gives its end to wait for.
    private func joinRefresh() -> CompletionSignal {
        let uptime = context.time.uptime
        published.withLockedValue { $0.wantedAt = uptime }
        if let refresh { return refresh.end }
        let end = CompletionSignal()
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                // Thousands of requests, and little to do for each: on one thread with what carries them.
                group.addTask(executorPreference: self.context.client.executor) { await self.readWhatIsDue() }
                if mode == .scrape { group.addTask { await self.untilNobodyWantsIt() } }
                await group.next()
                group.cancelAll()
            }
            await publish(isComplete: true)
            refresh = nil
            end.complete()
        }
        refresh = Refresh(task: task, end: end)
        return end
    }

    private nonisolated func untilNobodyWantsIt() async {
        while true {
            let end = published.withLockedValue { $0.wantedAt } + patience
            if context.time.uptime >= end { return }
            guard (try? await context.time.sleep(until: end)) != nil else { return }
        }
    }

    private func readWhatIsDue() async {
        await withTaskGroup(of: Void.self) { group in
            for collection in collectors.account {
                group.addTask { [context] in await collection.refresh([], context) }
            }
            group.addTask { [context, collectors] in
                await collectors.bucketList.refresh([], context)
                // Without the list the API is down, or closed to us: asking it about each bucket would only add to that.
                guard await collectors.bucketList.report.succeeded else { return }
                let buckets = await collectors.bucketList.reading(at: context.time.uptime) ?? []
                await withTaskGroup(of: Void.self) { group in
                    for collection in collectors.perBucket {
                        group.addTask { await collection.refresh(buckets, context) }
                    }
                }
            }
        }
    }

    /// Publishes what has been read so far, once for all scrapes whose time is over together: each snapshot is as large as all
    /// its series.
    private func publishInterim() async {
        if let interimPublication { return await interimPublication.wait() }
        let end = CompletionSignal()
        interimPublication = end
        await publish(isComplete: false)
        interimPublication = nil
        end.complete()
    }

    /// Writes what is known as a snapshot for the scrapes to come.
    /// - Parameter isComplete: whether a refresh has ended; a snapshot from the middle of one is not fresh.
    private func publish(isComplete: Bool) async {
        let refreshes = refreshesEnded
        let buckets = await collectors.bucketList.reading(at: context.time.uptime) ?? []
        let list = await collectors.bucketList.rendering(for: buckets, context)
        let renderings = (collectors.exportsBucketList ? [list] : []) + (await renderings(for: buckets))
        let own = CollectorFamilies.rendered(context.account, list: list.report, reports: renderings.map(\.report))
        let limits = LimitFamilies.rendered(
            context.account, list: list.report, perBucket: renderings.suffix(collectors.perBucket.count).map(\.report),
            context.selection)
        let snapshot = MetricSnapshot(own + renderings.flatMap(\.families) + (await APIFamilies.rendered(context)) + limits)
        // What was begun in the middle of a refresh must not take the place of what its end published meanwhile.
        guard isComplete || refreshes == refreshesEnded else { return }
        if isComplete { refreshesEnded += 1 }
        let due = renderings.map(\.nextDue).reduce(list.nextDue, min)
        published.withLockedValue {
            $0.snapshot = snapshot
            $0.freshUntil = isComplete ? due : .zero
            $0.hasRefreshed = $0.hasRefreshed || isComplete
        }
    }

    /// Writes the collections besides the list side by side: the samples of many buckets take a while to write.
    private func renderings(for buckets: [ListedBucket]) async -> [CollectionRendering] {
        await (collectors.account + collectors.perBucket).concurrentMap { [context] in
            await $0.rendering(for: buckets, context)
        }
    }
}
