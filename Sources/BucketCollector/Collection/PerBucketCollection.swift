internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import Logging

/// The observations of a collector that asks about each bucket.
actor PerBucketCollection<Kind: PerBucketCollector>: Collection {
    /// What is known of one bucket.
    private struct Entry {
        var observation: Observation<Kind.Reading>?
        /// When it was last asked for, with or without success.
        var attemptedAt: Duration
        /// Why the latest request about it failed; nil when it succeeded.
        var failure: APIError?

        var succeeded: Bool { failure == nil }
    }

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
    /// The label `collector` of the series about single buckets.
    private let label: LabelBlock
    private var entries: [String: Entry] = [:]
    private(set) var report: CollectorReport
    private(set) var progress = CollectionProgress()

    init(_ collector: Kind, lifetime: CollectorLifetime, logger: Logger) {
        self.collector = collector
        self.lifetime = lifetime
        self.logger = logger
        label = LabelBlock(["collector": collector.name])
        report = CollectorReport(collector: collector.name)
    }

    // MARK: Reading

    func refresh(_ buckets: [ListedBucket], _ context: ReadingContext) async {
        forgetBuckets(otherThan: buckets)
        let start = context.time.uptime
        let due = dueBuckets(among: buckets, context)
        if due.isEmpty, report.hasRun { return }
        progress = CollectionProgress(expected: due.count)
        var successes = 0
        var failures = 0
        var firstError: APIError?
        await withTaskGroup(of: Outcome.self) { group in
            var waiting = due[...]
            func startNext() {
                guard let id = waiting.popFirst() else { return }
                group.addTask { [collector] in await Self.read(id, by: collector, context) }
            }
            // No more tasks than requests that may be under way: the rest would only wait in memory.
            for _ in 0..<context.client.budget.maximumConcurrency { startNext() }
            for await outcome in group {
                startNext()
                record(outcome, context)
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

    private func record(_ outcome: Outcome, _ context: ReadingContext) {
        let id = outcome.bucketID
        switch outcome.result {
        case .success(let result):
            let observation = Observation(reading: result.reading, uptime: outcome.asked, date: context.time.now)
            entries[id] = Entry(observation: observation, attemptedAt: outcome.asked)
            report.dropped += result.dropped
        case .failure(let error):
            if error.isAttempt {
                entries[id] = Entry(observation: entries[id]?.observation, attemptedAt: outcome.asked, failure: error)
            }
            logger.debug(
                "a bucket could not be read",
                metadata: ["collector": "\(collector.name)", "bucket_id": "\(id)", "err": "\(error)"])
        }
    }

    // MARK: Writing

    func rendering(for buckets: [ListedBucket], _ context: ReadingContext) -> CollectionRendering {
        let (uptime, now) = (context.time.uptime, context.time.now)
        let scope = SampleScope(collector: collector.name)
        var samples = SampleWriter<Kind.Families>(scope: scope)
        var outcomes = SampleWriter<BucketOutcomeFamilies>(scope: scope)
        var hasReading = false
        for bucket in buckets {
            guard let entry = entries[bucket.id] else { continue }
            samples.scope.partition = bucket.partition
            outcomes.scope.partition = bucket.partition
            outcomes.append(.success, bucket.labels, label, value: SampleValue(entry.succeeded))
            guard let observation = entry.observation else { continue }
            outcomes.append(.lastSuccess, bucket.labels, label, value: SampleValue(timestamp: observation.date))
            if isServable(observation, at: uptime, now) {
                hasReading = true
                collector.write(observation.reading, about: bucket, to: &samples)
            }
        }
        samples.scope = scope
        if hasReading { collector.writeCommon(at: now, to: &samples) }
        return CollectionRendering(
            families: samples.rendered() + outcomes.rendered(), report: report,
            nextDue: buckets.map { dueTime(of: $0, at: uptime, now) }.min() ?? .seconds(Int64.max / 2))
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
                observation, isServable: isServable(observation, at: uptime, now), in: &summaries[index])
        }
        return CollectionOverview(report: report, lifetime: lifetime, summaries: summaries)
    }

    private func isServable(_ observation: Observation<Kind.Reading>, at uptime: Duration, _ now: Date) -> Bool {
        lifetime.isServable(age: uptime - observation.uptime) && collector.end(of: observation.reading).map { now < $0 } ?? true
    }
}
