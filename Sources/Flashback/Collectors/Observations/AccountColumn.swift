internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import NIOConcurrencyHelpers

/// The column of a collector that covers all buckets with one request.
protocol AccountColumn: Column {
    /// Makes the request and keeps its answer for ``distribute(to:)``.
    func read(_ context: ReadingContext) async -> Attempt

    /// Stores the latest answer's data for the given buckets.
    /// - Returns: the slots whose data changed.
    func distribute(to places: [BucketDirectory.Place]) -> [Int]

    /// Stores the latest answer's data for buckets that were listed after it arrived.
    func complete(_ places: [BucketDirectory.Place])

    /// Records that a bucket is no longer listed, so that its data keeps the age of the latest answer from now on.
    func leave(_ slot: Int)

    /// Discards a bucket's data.
    func forget(_ slot: Int)

    /// Adds the latest answer's data about the account, if it may be served, to its summary.
    func summarize(servedFor: Duration, at moment: Moment, in summary: inout AccountSummary)
}

extension AccountCollector {
    /// An empty column for this collector's answers.
    static func column(account: AccountLabel) -> any AccountColumn { StoredAccountColumn(Self.self, account: account) }
}

final class StoredAccountColumn<Kind: AccountCollector>: AccountColumn {
    private struct State {
        var readings: [Kind.Reading?] = []
        /// By slot, the steady time at which a reading was requested that is or may be from an earlier answer than the latest one: because
        /// that answer omitted the bucket, or because the bucket is no longer listed.
        var kept: [Int: Duration] = [:]
        var answer: Kind.Answer?
        /// The steady time at which the answer was requested.
        var askedAt: Duration?
        /// The steady time at which the most recently distributed answer was requested.
        var distributedAt: Duration?

        mutating func makeRoom(for slot: Int) {
            if slot >= readings.count { readings.append(contentsOf: repeatElement(nil, count: slot + 1 - readings.count)) }
        }
    }

    private let collector = Kind()
    private let account: AccountLabel
    private let declarations: FamilyDeclarations<Kind.Families>
    private let state: NIOLockedValueBox<State>

    convenience init(_: Kind.Type, account: AccountLabel) {
        self.init(NIOLockedValueBox(State()), account)
    }

    private init(_ state: NIOLockedValueBox<State>, _ account: AccountLabel) {
        self.state = state
        self.account = account
        declarations = account.declarations()
    }

    var name: String { Kind.name }
    var age: ColumnAge { .common(state.withLockedValue { $0.askedAt }) }

    // MARK: Reading

    func read(_ context: ReadingContext) async -> Attempt {
        var attempt = Attempt(askedAt: context.time.uptime)
        do throws(APIError) {
            let result = try await collector.read(context)
            attempt.dropped = result.dropped
            state.withLockedValue { state in
                state.answer = collector.combine(result.reading, with: state.answer)
                state.askedAt = attempt.askedAt
            }
        } catch {
            attempt.error = error
        }
        return attempt
    }

    func distribute(to places: [BucketDirectory.Place]) -> [Int] {
        state.withLockedValue { state in
            guard let answer = state.answer, let askedAt = state.askedAt else { return [] }
            defer { state.distributedAt = askedAt }
            var changed: [Int] = []
            for place in places {
                state.makeRoom(for: place.slot)
                let (previous, wasListedBefore) = (state.readings[place.slot], place.listedAt <= askedAt)
                if previous != nil, collector.omits(place.bucket, in: answer, wasListedBefore: wasListedBefore) {
                    if state.kept[place.slot] != nil { continue }
                    state.kept[place.slot] = state.distributedAt ?? askedAt
                    changed.append(place.slot)
                    continue
                }
                let wasKept = state.kept.removeValue(forKey: place.slot) != nil
                let reading = collector.reading(
                    about: place.bucket, in: answer, after: previous, wasListedBefore: wasListedBefore)
                if reading == previous, !wasKept { continue }
                state.readings[place.slot] = reading
                changed.append(place.slot)
            }
            return changed
        }
    }

    func complete(_ places: [BucketDirectory.Place]) {
        state.withLockedValue { state in
            // An answer that has not been distributed yet will also be distributed to these buckets.
            guard let answer = state.answer, let askedAt = state.askedAt, state.distributedAt == askedAt else { return }
            for place in places {
                state.makeRoom(for: place.slot)
                let (previous, wasListedBefore) = (state.readings[place.slot], place.listedAt <= askedAt)
                if previous != nil {
                    // A bucket that is listed again may already have the data from this answer.
                    guard let keptFrom = state.kept[place.slot], keptFrom < askedAt else {
                        state.kept[place.slot] = nil
                        continue
                    }
                    if collector.omits(place.bucket, in: answer, wasListedBefore: wasListedBefore) { continue }
                    state.kept[place.slot] = nil
                }
                state.readings[place.slot] = collector.reading(
                    about: place.bucket, in: answer, after: previous, wasListedBefore: wasListedBefore)
            }
        }
    }

    func leave(_ slot: Int) {
        state.withLockedValue { state in
            guard slot < state.readings.count, state.readings[slot] != nil, state.kept[slot] == nil else { return }
            state.kept[slot] = state.distributedAt
        }
    }

    func forget(_ slot: Int) {
        state.withLockedValue { state in
            if slot < state.readings.count { state.readings[slot] = nil }
            state.kept[slot] = nil
        }
    }

    // MARK: Writing

    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange {
        let readings = state.withLockedValue { state in
            places.map { ($0.slot < state.readings.count ? state.readings[$0.slot] : nil, state.kept[$0.slot]) }
        }
        var written = WrittenRange(families: [])
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        for (place, (reading, keptFrom)) in zip(places, readings) {
            guard let reading else { continue }
            // All other readings are as old as the answer, whose age the writer checks.
            if let keptFrom, !written.include(observedAt: keptFrom, servedFor: servedFor, at: moment) { continue }
            samples.scope.partition = place.bucket.partition
            collector.write(reading, about: place.bucket, to: &samples)
        }
        written.families = [samples.written()]
        return written
    }

    func written(as account: AccountLabel) -> any Column { StoredAccountColumn(state, account) }

    func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily] {
        guard let answer = state.withLockedValue({ $0.answer }) else { return [] }
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        collector.writeAccount(answer, to: &samples)
        return samples.written()
    }

    func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary) {}

    func summarize(servedFor: Duration, at moment: Moment, in summary: inout AccountSummary) {
        let (answer, askedAt) = state.withLockedValue { ($0.answer, $0.askedAt) }
        guard let answer, let askedAt, moment.uptime - askedAt <= servedFor else { return }
        collector.summarize(answer, in: &summary)
    }
}

/// The bucket list's column; its data is stored in the directory.
final class ListColumn: Column {
    private let collector = BucketsCollector()
    private let account: AccountLabel
    private let declarations: FamilyDeclarations<BucketsCollector.Families>
    private let askedAt: NIOLockedValueBox<Duration?>

    convenience init(account: AccountLabel) {
        self.init(NIOLockedValueBox(nil), account)
    }

    private init(_ askedAt: NIOLockedValueBox<Duration?>, _ account: AccountLabel) {
        self.askedAt = askedAt
        self.account = account
        declarations = account.declarations()
    }

    var name: String { BucketsCollector.name }
    var age: ColumnAge { .common(askedAt.withLockedValue { $0 }) }

    /// Records that a list arrived, and when it was requested.
    func renew(askedAt time: Duration) { askedAt.withLockedValue { $0 = time } }

    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange {
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        for place in places {
            samples.scope.partition = place.bucket.partition
            collector.write(place.bucket, to: &samples)
        }
        return WrittenRange(families: [samples.written()])
    }

    func written(as account: AccountLabel) -> any Column { ListColumn(askedAt, account) }

    func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily] { [] }

    func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary) {}
}
