internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import Logging

/// The observations of a collector that asks about each bucket.
actor PerBucketCollection<Kind: PerBucketCollector>: Collection {
    private typealias Entry = BucketObservation<Kind.Reading>

    /// What a request about one bucket came to.
    private struct Outcome: Sendable {
        let bucketID: String
        /// When the request was made; an observation is as old as its request.
        let asked: Duration
        let result: Result<ReadingResult<Kind.Reading>, APIError>
    }

    private let collector: Kind
    private let lifetime: CollectorLifetime
    private let logger: Logger
    private var entries: [String: Entry] = [:]
    /// The buckets whose answers a refresh under way still waits for.
    private var awaited: Set<String> = []
    /// What was written for the latest snapshot, or by a refresh for the next one.
    private var written: WrittenFamilies?
    private(set) var report: CollectorReport
    private(set) var progress = CollectionProgress()

    init(_ collector: Kind, lifetime: CollectorLifetime, logger: Logger) {
        self.collector = collector
        self.lifetime = lifetime
        self.logger = logger
        report = CollectorReport(collector: collector.name, lifetime: lifetime)
    }

    // MARK: Reading

    func refresh(_ buckets: [ListedBucket], _ context: ReadingContext) async {
        forgetBuckets(otherThan: buckets)
        let start = context.time.uptime
        let due = dueBuckets(among: buckets, context)
        if due.isEmpty, report.hasRun { return noteRefusedNodes(context) }
        progress = CollectionProgress(expected: due.count)
        awaited = Set(due)
        written = nil
        var ahead = WritingAhead<Entry>(buckets)
        let batches = ahead.batches
        async let writtenAhead = Self.write(batches, about: buckets, by: collector, lifetime, context)
        var successes = 0
        var failures = 0
        var firstError: APIError?
        context.requestShare.join()
        defer { context.requestShare.leave() }
        await withTaskGroup(of: Outcome.self) { group in
            var waiting = due[...]
            var underWay = 0
            func startMore() {
                while underWay < context.requestShare.current, let id = waiting.popFirst() {
                    group.addTask { [collector] in await Self.read(id, by: collector, context) }
                    underWay += 1
                }
            }
            startMore()
            for await outcome in group {
                underWay -= 1
                startMore()
                record(outcome, context)
                awaited.remove(outcome.bucketID)
                ahead.advance(entries) { awaited.contains($0.id) }
                progress.done += 1
                switch outcome.result {
                case .success: successes += 1
                case .failure(let error) where error.isCancellation: break
                case .failure(let error):
                    failures += 1
                    firstError = firstError ?? error
                }
            }
        }
        ahead.finish(entries)
        written = await writtenAhead
        noteRefusedNodes(context)
        report.duration = context.time.uptime - start
        report.note(succeeded: successes > 0 || due.isEmpty, at: context.time.now)
        report.hasRun = true
        if let firstError {
            report.latestFailure = CollectorFailure(message: firstError.explanation, date: context.time.now)
            // One line for all of them; the series tell which, and the debug log why.
            logger.warning(
                "collector failed for some buckets",
                metadata: [
                    "collector": "\(collector.name)", "failed": "\(failures)", "buckets": "\(due.count)",
                    "first_err": "\(firstError)",
                ])
        }
    }

    private static func read(_ id: String, by collector: Kind, _ context: ReadingContext) async -> Outcome {
        let asked = context.time.uptime
        do throws(APIError) {
            return Outcome(bucketID: id, asked: asked, result: .success(try await collector.read(id, context)))
        } catch {
            return Outcome(bucketID: id, asked: asked, result: .failure(error))
        }
    }

    /// The buckets that are to be asked for, the oldest observation first: when there is not time for all, every bucket still
    /// gets its turn.
    private func dueBuckets(among buckets: [ListedBucket], _ context: ReadingContext) -> [String] {
        let (uptime, now) = (context.time.uptime, context.time.now)
        return buckets.filter { dueTime(of: $0, at: uptime, now) <= uptime }
            .map { (id: $0.id, observedAt: entries[$0.id]?.observation?.uptime ?? .seconds(-1)) }
            .sorted { $0.observedAt < $1.observedAt }
            .map(\.id)
    }

    /// The steady time at which a bucket is to be asked for: when what is known of it is no longer fresh, or no longer true.
    private func dueTime(of bucket: ListedBucket, at uptime: Duration, _ now: Date) -> Duration {
        guard let entry = entries[bucket.id] else { return .zero }
        let due = entry.attemptedAt + lifetime.fresh
        guard let date = entry.observation.flatMap({ collector.end(of: $0.reading) }) else { return due }
        let end = uptime + .seconds(date.timeIntervalSince(now))
        // A failed attempt since then is not repeated at once.
        return entry.attemptedAt < end ? min(due, end) : due
    }

    private func forgetBuckets(otherThan buckets: [ListedBucket]) {
        let ids = Set(buckets.map(\.id))
        entries = entries.filter { ids.contains($0.key) }
    }

    private func noteRefusedNodes(_ context: ReadingContext) {
        guard let limit = context.selection.maximumNodesPerBucket else { return }
        report.refused = entries.values.reduce(0) { $0 + $1.refusedNodes }
        context.limits.note(refusedNodes: report.refused, limit: limit, by: collector.name)
    }

    private func record(_ outcome: Outcome, _ context: ReadingContext) {
        let id = outcome.bucketID
        switch outcome.result {
        case .success(let result):
            let observation = Observation(reading: result.reading, uptime: outcome.asked, date: context.time.now)
            entries[id] = Entry(
                observation: observation, refusedNodes: result.refused, attemptedAt: outcome.asked)
            report.dropped += result.dropped
        case .failure(let error):
            if error.isAttempt {
                var entry = entries[id] ?? Entry(attemptedAt: outcome.asked)
                (entry.attemptedAt, entry.failure) = (outcome.asked, error)
                entries[id] = entry
            }
            logger.debug(
                "a bucket could not be read",
                metadata: ["collector": "\(collector.name)", "bucket_id": "\(id)", "err": "\(error)"])
        }
    }

    // MARK: Writing

    func rendering(for buckets: [ListedBucket], _ context: ReadingContext) -> CollectionRendering {
        let (uptime, now) = (context.time.uptime, context.time.now)
        return CollectionRendering(
            families: families(about: buckets, context), report: report,
            nextDue: buckets.map { dueTime(of: $0, at: uptime, now) }.min() ?? .seconds(Int64.max / 2))
    }

    private func families(about buckets: [ListedBucket], _ context: ReadingContext) -> [RenderedFamily] {
        let (uptime, now) = (context.time.uptime, context.time.now)
        if let written, written.validity.holds(for: buckets, at: uptime, now) { return written.families }
        var writing = PerBucketWriting(collector, lifetime: lifetime, account: context.account, buckets: buckets)
        writing.write(buckets.lazy.map { self.entries[$0.id] }, at: uptime, now)
        let latest = writing.written(at: now)
        // In the middle of a refresh there is more to come.
        if awaited.isEmpty { written = latest }
        return latest.families
    }

    /// Writes while a refresh waits for answers, so that little is left to write at its end.
    /// - Parameter batches: what is known of the buckets, down the list.
    /// - Returns: nil when the task was cancelled before all was written.
    private static func write(
        _ batches: AsyncStream<[Entry?]>, about buckets: [ListedBucket], by collector: Kind, _ lifetime: CollectorLifetime,
        _ context: ReadingContext
    ) async -> WrittenFamilies? {
        // Where the requests have a thread to themselves, away from that.
        let executor: (any TaskExecutor)? = context.client.executor == nil ? nil : globalConcurrentExecutor
        return await withTaskExecutorPreference(executor) {
            var writing = PerBucketWriting(collector, lifetime: lifetime, account: context.account, buckets: buckets)
            for await batch in batches { writing.write(batch, at: context.time.uptime, context.time.now) }
            return writing.isComplete ? writing.written(at: context.time.now) : nil
        }
    }

    func overview(of summaries: [BucketSummary], _ context: ReadingContext) -> CollectionOverview {
        let (uptime, now) = (context.time.uptime, context.time.now)
        var summaries = summaries
        for index in summaries.indices {
            guard let entry = entries[summaries[index].id] else { continue }
            if let failure = entry.failure {
                summaries[index].failures.append(.init(collector: collector.name, message: failure.explanation))
            }
            guard let observation = entry.observation else { continue }
            collector.summarize(
                observation, isServable: collector.isServable(observation, for: lifetime, at: uptime, now), in: &summaries[index])
        }
        return CollectionOverview(report: report, lifetime: lifetime, summaries: summaries)
    }
}
