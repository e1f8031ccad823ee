internal import Exposition
internal import FlashbackAPI
internal import Logging

/// The observation of a collector that learns about all buckets at once.
actor AccountCollection<Kind: AccountCollector>: Collection {
    private let collector: Kind
    private let lifetime: CollectorLifetime
    private let logger: Logger
    private var observation: Observation<Kind.Reading>?
    /// When it last began to read, with or without success.
    private var attemptedAt: Duration?
    private(set) var report: CollectorReport
    private(set) var progress = CollectionProgress()

    init(_ collector: Kind, lifetime: CollectorLifetime, logger: Logger) {
        self.collector = collector
        self.lifetime = lifetime
        self.logger = logger
        report = CollectorReport(collector: collector.name, lifetime: lifetime)
    }

    func refresh(_ buckets: [ListedBucket], _ context: ReadingContext) async {
        let start = context.time.uptime
        if let attemptedAt, !lifetime.isDue(age: start - attemptedAt) { return }
        attemptedAt = start
        progress = CollectionProgress(expected: 1)
        defer { progress.done = 1 }
        do throws(APIError) {
            let result = try await collector.read(context, after: observation?.reading)
            observation = Observation(reading: result.reading, uptime: start, date: context.time.now)
            report.dropped += result.dropped
            report.refused = result.refused
            report.note(succeeded: true, at: context.time.now)
        } catch {
            report.note(succeeded: false, at: context.time.now)
            if !error.isAttempt { attemptedAt = nil }
            if error.isCancellation { return }
            report.latestFailure = CollectorFailure(message: error.explanation, date: context.time.now)
            logger.warning("collector failed", metadata: ["collector": "\(collector.name)", "err": "\(error)"])
        }
        report.duration = context.time.uptime - start
        report.hasRun = true
    }

    /// The latest reading, if it may still be served.
    func reading(at uptime: Duration) -> Kind.Reading? {
        observation.flatMap { lifetime.isServable(age: uptime - $0.uptime) ? $0.reading : nil }
    }

    func overview(of summaries: [BucketSummary], _ context: ReadingContext) -> CollectionOverview {
        CollectionOverview(report: report, lifetime: lifetime, summaries: summaries)
    }

    func rendering(for buckets: [ListedBucket], _ context: ReadingContext) -> CollectionRendering {
        var samples = context.account.writer(of: Kind.Families.self, collector: collector.name)
        if let reading = reading(at: context.time.uptime) {
            collector.writeAccount(reading, to: &samples)
            for bucket in buckets {
                samples.scope.partition = bucket.partition
                collector.write(reading, about: bucket, to: &samples)
            }
        }
        return CollectionRendering(
            families: samples.rendered(), report: report, nextDue: attemptedAt.map { $0 + lifetime.fresh } ?? .zero)
    }
}
