internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import NIOConcurrencyHelpers

/// The column of a collector that covers all buckets with one request.
protocol AnsweredColumn: Column {
    /// Makes the request and keeps its answer for ``distribute(to:)``.
    func read(_ context: ReadingContext) async -> Attempt

    /// Stores the latest answer's data for the given buckets.
    /// - Returns: the slots whose data changed.
    func distribute(to places: [BucketDirectory.Place]) -> [Int]

    /// Stores the latest answer's data for buckets that were listed after it arrived.
    func complete(_ places: [BucketDirectory.Place])

    /// Discards a bucket's data.
    func forget(_ slot: Int)

    /// Adds the latest answer's data about the account, if it may be served, to its summary.
    func summarize(servedFor: Duration, at moment: Moment, in summary: inout AccountSummary)
}

final class AccountColumn<Kind: AccountCollector>: AnsweredColumn {
    private struct State {
        var readings: [Kind.Reading?] = []
        var answer: Kind.Answer?
        /// The steady time at which the answer was requested.
        var askedAt: Duration?

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
            var changed: [Int] = []
            for place in places {
                state.makeRoom(for: place.slot)
                let previous = state.readings[place.slot]
                let reading = collector.reading(
                    about: place.bucket, in: answer, after: previous, wasListedBefore: place.listedAt <= askedAt)
                if reading == previous { continue }
                state.readings[place.slot] = reading
                changed.append(place.slot)
            }
            return changed
        }
    }

    func complete(_ places: [BucketDirectory.Place]) {
        state.withLockedValue { state in
            guard let answer = state.answer, let askedAt = state.askedAt else { return }
            for place in places {
                state.makeRoom(for: place.slot)
                // A bucket that is listed again already has the data from this answer.
                if state.readings[place.slot] != nil { continue }
                state.readings[place.slot] = collector.reading(
                    about: place.bucket, in: answer, after: nil, wasListedBefore: place.listedAt <= askedAt)
            }
        }
    }

    func forget(_ slot: Int) {
        state.withLockedValue { if slot < $0.readings.count { $0.readings[slot] = nil } }
    }

    // MARK: Writing

    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange {
        let readings = state.withLockedValue { state in
            places.map { $0.slot < state.readings.count ? state.readings[$0.slot] : nil }
        }
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        for (place, reading) in zip(places, readings) {
            guard let reading else { continue }
            samples.scope.partition = place.bucket.partition
            collector.write(reading, about: place.bucket, to: &samples)
        }
        return WrittenRange(families: [samples.written()])
    }

    func written(as account: AccountLabel) -> any Column { AccountColumn(state, account) }

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
