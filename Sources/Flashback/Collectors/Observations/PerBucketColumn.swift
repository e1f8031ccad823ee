internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import NIOConcurrencyHelpers

/// The column of a collector that makes one request per bucket.
protocol PerBucketColumn: Column {
    /// Makes a bucket's request and stores its answer.
    func read(_ place: BucketDirectory.Place, _ context: ReadingContext) async -> Attempt

    /// Whether it can request many buckets together.
    var hasBulk: Bool { get }

    /// Makes one request for several buckets and stores its answer.
    func read(
        _ places: [BucketDirectory.Place], _ batch: BucketBatch, _ terms: BulkTerms, _ context: ReadingContext
    ) async -> CollectionEngine.BatchOutcome

    /// Discards a bucket's data, and ignores the answers to its requests in progress.
    func forget(_ slot: Int)

    /// Copies other buckets' observations, in turn, to buckets that were not requested, to estimate the size of their samples.
    func fill(_ places: [BucketDirectory.Place])

    /// How many buckets have been requested, how many of their latest requests failed, and how many nodes exceed the limit.
    var tally: ColumnTally { get }
}

/// The latest outcomes of a column's buckets.
struct ColumnTally: Sendable, Hashable {
    var requested = 0
    var failed = 0
    var refusedNodes = 0
}

extension PerBucketCollector {
    /// An empty column for this collector's readings.
    static func column(account: AccountLabel) -> any PerBucketColumn { StoredPerBucketColumn(Self.self, account: account) }
}

final class StoredPerBucketColumn<Kind: PerBucketCollector>: PerBucketColumn {
    /// The data about one bucket.
    private struct Cell {
        /// Distinguishes successive buckets in the same slot.
        var generation: UInt32 = 0
        var refusedNodes: Int32 = 0
        var wasRequested = false
        /// Whether the latest request failed; the reason is in ``State/failures``.
        var hasFailed = false
        var observation: Observation<Kind.Reading>?
    }

    private struct State {
        var cells: [Cell] = []
        /// Why the latest request failed, by slot. Not in the cells: few fail, and an error is larger than most readings.
        var failures: [Int: APIError] = [:]
        var tally = ColumnTally()

        mutating func change(_ slot: Int, _ change: (inout Cell) -> Void) {
            if slot >= cells.count { cells.append(contentsOf: repeatElement(Cell(), count: slot + 1 - cells.count)) }
            count(slot, -1)
            change(&cells[slot])
            count(slot, 1)
        }

        private mutating func count(_ slot: Int, _ sign: Int) {
            guard cells[slot].wasRequested else { return }
            tally.requested += sign
            tally.refusedNodes += sign * Int(cells[slot].refusedNodes)
            if cells[slot].hasFailed { tally.failed += sign }
        }

        func generation(of slot: Int) -> UInt32 { slot < cells.count ? cells[slot].generation : 0 }
    }

    private let collector = Kind()
    private let bulk = Kind.bulk
    private let account: AccountLabel
    private let declarations: FamilyDeclarations<Kind.Families>
    private let outcomeDeclarations: FamilyDeclarations<BucketOutcomeFamilies>
    /// The label `collector` of the per-bucket outcome series.
    private let label = LabelBlock(["collector": Kind.name])
    private let state: NIOLockedValueBox<State>

    convenience init(_: Kind.Type, account: AccountLabel) {
        self.init(NIOLockedValueBox(State()), account)
    }

    private init(_ state: NIOLockedValueBox<State>, _ account: AccountLabel) {
        self.state = state
        self.account = account
        declarations = account.declarations()
        outcomeDeclarations = account.declarations()
    }

    var name: String { Kind.name }
    var age: ColumnAge { .ofEachBucket }
    var tally: ColumnTally { state.withLockedValue { $0.tally } }

    // MARK: Reading

    // Called through `any PerBucketColumn`, these methods would otherwise look up types and copy readings at run time, which takes a tenth
    // of the processor time of collecting 10,000 buckets. Collectors that are not named here work without this.
    #if compiler(>=6.3)
    @specialized(where Kind == StatusCollector)
    @specialized(where Kind == DailyCollector<Today>)
    @specialized(where Kind == DailyCollector<Yesterday>)
    #endif
    func read(_ place: BucketDirectory.Place, _ context: ReadingContext) async -> Attempt {
        let (slot, askedAt) = (place.slot, context.time.uptime)
        let generation = state.withLockedValue { $0.generation(of: slot) }
        var attempt = Attempt(askedAt: askedAt)
        do throws(APIError) {
            let result = try await collector.read(place.bucket.id, context)
            enter(result, slot, generation, Moment(uptime: askedAt, date: context.time.now), &attempt)
        } catch {
            attempt.error = error
            if error.isAttempt { enter(slot, generation, failure: error) { _ in } }
        }
        return attempt
    }

    var hasBulk: Bool { bulk != nil }

    #if compiler(>=6.3)
    @specialized(where Kind == StatusCollector)
    @specialized(where Kind == DailyCollector<Today>)
    @specialized(where Kind == DailyCollector<Yesterday>)
    #endif
    func read(
        _ places: [BucketDirectory.Place], _ batch: BucketBatch, _ terms: BulkTerms, _ context: ReadingContext
    ) async -> CollectionEngine.BatchOutcome {
        guard let bulk else { preconditionFailure("only a collector with a bulk source reads several buckets") }
        let (askedAt, askedOn, empty) = (context.time.uptime, context.time.now, bulk.empty(context))
        let generations = state.withLockedValue { state in places.map { state.generation(of: $0.slot) } }
        do throws(APIError) {
            let answer = try await bulk.read(batch, context)
            let date = context.time.now
            var attempts = zip(places, generations).map { place, generation in
                var attempt = Attempt(askedAt: askedAt)
                let moment = Moment(uptime: askedAt, date: date)
                if let reading = answer.readings[place.bucket.id] {
                    enter(reading, place.slot, generation, moment, &attempt)
                    return attempt
                }
                let omission = terms.meaningOfOmission(
                    of: place.slot, mayLackReports: bulk.mayLackReports, isFirstOfDay: hasEnded(place.slot, at: askedOn))
                switch omission {
                case .noReports: enter(ReadingResult(empty), place.slot, generation, moment, &attempt)
                case .unknown: attempt.isDeferred = true
                case .failure:
                    let error = APIError.omitted(from: bulk.endpoint)
                    attempt.error = error
                    enter(place.slot, generation, failure: error) { _ in }
                }
                return attempt
            }
            // Counted once for the whole answer.
            if !attempts.isEmpty { attempts[0].dropped += answer.dropped }
            return CollectionEngine.BatchOutcome(attempts: attempts)
        } catch {
            var attempt = Attempt(askedAt: askedAt, error: error)
            attempt.isDeferred = terms.defers(error)
            if !attempt.isDeferred, error.isAttempt {
                for (place, generation) in zip(places, generations) { enter(place.slot, generation, failure: error) { _ in } }
            }
            return CollectionEngine.BatchOutcome(
                failure: error, attempts: Array(repeating: attempt, count: places.count))
        }
    }

    /// Whether a bucket's observation is about a day that is over.
    private func hasEnded(_ slot: Int, at date: Date) -> Bool {
        let observation = state.withLockedValue { slot < $0.cells.count ? $0.cells[slot].observation : nil }
        guard let observation, let validity = collector.validity(of: observation.reading) else { return false }
        return validity.upperBound <= date
    }

    /// Stores the answer about a bucket.
    private func enter(
        _ result: ReadingResult<Kind.Reading>, _ slot: Int, _ generation: UInt32, _ moment: Moment, _ attempt: inout Attempt
    ) {
        let observation = Observation(reading: result.reading, uptime: moment.uptime, date: moment.date)
        attempt.dropped = result.dropped
        attempt.validity = collector.validity(of: result.reading)
        attempt.isEmpty = bulk?.isEmpty(result.reading) ?? false
        enter(slot, generation, failure: nil) { cell in
            cell.observation = observation
            cell.refusedNodes = Int32(clamping: result.refused)
        }
    }

    private func enter(_ slot: Int, _ generation: UInt32, failure: APIError?, _ change: (inout Cell) -> Void) {
        state.withLockedValue { state in
            guard state.generation(of: slot) == generation else { return }
            if let failure {
                state.failures[slot] = failure
            } else if !state.failures.isEmpty {
                state.failures[slot] = nil
            }
            state.change(slot) { cell in
                cell.wasRequested = true
                cell.hasFailed = failure != nil
                change(&cell)
            }
        }
    }

    func forget(_ slot: Int) {
        state.withLockedValue { state in
            state.failures[slot] = nil
            state.change(slot) { $0 = Cell(generation: $0.generation &+ 1) }
        }
    }

    func fill(_ places: [BucketDirectory.Place]) {
        state.withLockedValue { state in
            let observations = state.cells.compactMap(\.observation)
            guard !observations.isEmpty else { return }
            for (index, place) in places.enumerated() {
                state.change(place.slot) { cell in
                    if cell.wasRequested { return }
                    cell.wasRequested = true
                    cell.observation = observations[index % observations.count]
                }
            }
        }
    }

    // MARK: Writing

    #if compiler(>=6.3)
    @specialized(where Kind == StatusCollector)
    @specialized(where Kind == DailyCollector<Today>)
    @specialized(where Kind == DailyCollector<Yesterday>)
    #endif
    func write(
        _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
    ) -> WrittenRange {
        let cells = state.withLockedValue { state in places.map { $0.slot < state.cells.count ? state.cells[$0.slot] : Cell() } }
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        var outcomes = SampleWriter(outcomeDeclarations, scope: account.scope(collector: name), deflater: deflater)
        var written = WrittenRange(families: [])
        for (place, cell) in zip(places, cells) where cell.wasRequested {
            let bucket = place.bucket
            samples.scope.partition = bucket.partition
            outcomes.scope.partition = bucket.partition
            outcomes.append(.success, bucket.labels, label, value: SampleValue(!cell.hasFailed))
            guard let observation = cell.observation else { continue }
            outcomes.append(.lastSuccess, bucket.labels, label, value: SampleValue(timestamp: observation.date))
            let validity = collector.validity(of: observation.reading)
            guard written.include(observedAt: observation.uptime, validity: validity, servedFor: servedFor, at: moment) else {
                continue
            }
            collector.write(observation.reading, about: bucket, to: &samples)
        }
        written.families = [samples.written(), outcomes.written()]
        return written
    }

    func written(as account: AccountLabel) -> any Column { StoredPerBucketColumn(state, account) }

    func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily] {
        guard hasReadings else { return [] }
        var samples = SampleWriter(declarations, scope: account.scope(collector: name), deflater: deflater)
        collector.writeCommon(at: moment.date, to: &samples)
        return samples.written()
    }

    func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary) {
        let (cell, failure) = state.withLockedValue { (slot < $0.cells.count ? $0.cells[slot] : nil, $0.failures[slot]) }
        guard let cell else { return }
        if let failure {
            summary.failures.append(BucketSummary.Failure(collector: name, message: failure.explanation))
        }
        guard let observation = cell.observation else { return }
        collector.summarize(observation, isServable: isServable(observation, servedFor, at: moment), in: &summary)
    }

    private func isServable(_ observation: Observation<Kind.Reading>, _ servedFor: Duration, at moment: Moment) -> Bool {
        WrittenRange.admits(
            observation.uptime, validity: collector.validity(of: observation.reading), servedFor: servedFor, at: moment)
    }
}
