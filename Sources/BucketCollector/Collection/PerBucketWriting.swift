internal import Exposition
internal import FoundationEssentials

/// The samples of a collector that asks about each bucket, written down the bucket list as far as one likes.
///
/// What is written holds until an observation in it may no longer be served, so that it need not be written again for each snapshot
/// (``WritingValidity``).
struct PerBucketWriting<Kind: PerBucketCollector> {
    typealias Entry = BucketObservation<Kind.Reading>

    private let collector: Kind
    private let lifetime: CollectorLifetime
    private let scope: SampleScope
    /// The label `collector` of the series about single buckets.
    private let label: LabelBlock
    private var samples: SampleWriter<Kind.Families>
    private var outcomes: SampleWriter<BucketOutcomeFamilies>
    /// How many buckets are written.
    private var position = 0
    private var hasReading = false
    private var validity: WritingValidity

    init(_ collector: Kind, lifetime: CollectorLifetime, account: AccountLabel, buckets: [ListedBucket]) {
        self.collector = collector
        self.lifetime = lifetime
        validity = WritingValidity(buckets: buckets)
        scope = account.scope(collector: collector.name)
        label = LabelBlock(["collector": collector.name])
        samples = account.writer(collector: collector.name)
        outcomes = account.writer(collector: collector.name)
    }

    /// Whether it has come to the end of the list.
    var isComplete: Bool { position == validity.buckets.count }

    /// Writes what is known of the next buckets.
    mutating func write(_ entries: some Sequence<Entry?>, at uptime: Duration, _ now: Date) {
        for (bucket, entry) in zip(validity.buckets[position...], entries) {
            if let entry { write(entry, about: bucket, at: uptime, now) }
            position += 1
        }
    }

    private mutating func write(_ entry: Entry, about bucket: ListedBucket, at uptime: Duration, _ now: Date) {
        samples.scope.partition = bucket.partition
        outcomes.scope.partition = bucket.partition
        outcomes.append(.success, bucket.labels, label, value: SampleValue(entry.succeeded))
        guard let observation = entry.observation else { return }
        outcomes.append(.lastSuccess, bucket.labels, label, value: SampleValue(timestamp: observation.date))
        guard collector.isServable(observation, for: lifetime, at: uptime, now) else { return }
        hasReading = true
        validity.limit(
            servableUntil: observation.uptime + lifetime.fresh + lifetime.stale, trueUntil: collector.end(of: observation.reading)
        )
        collector.write(observation.reading, about: bucket, to: &samples)
    }

    /// What was written.
    func written(at now: Date) -> WrittenFamilies {
        var samples = samples
        samples.scope = scope
        if hasReading { collector.writeCommon(at: now, to: &samples) }
        return WrittenFamilies(validity: validity, families: samples.rendered() + outcomes.rendered())
    }
}

extension PerBucketCollector {
    /// Whether an observation may be served.
    func isServable(
        _ observation: Observation<Reading>, for lifetime: CollectorLifetime, at uptime: Duration, _ now: Date
    ) -> Bool {
        lifetime.isServable(age: uptime - observation.uptime) && end(of: observation.reading).map { now < $0 } ?? true
    }
}
