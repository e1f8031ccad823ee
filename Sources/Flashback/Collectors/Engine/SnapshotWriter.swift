internal import Basics
internal import Exposition
internal import NIOConcurrencyHelpers

/// What has changed since samples were last written. Recorded where answers arrive, consumed by the ``SnapshotWriter``.
final class ChangedRanges: Sendable {
    struct Changes {
        /// The listed buckets of each range, if they have changed.
        var contents: [[BucketDirectory.Place]]?
        /// The ranges to rewrite, by column.
        var ranges: [Set<Int>]
        /// The columns whose account-wide data has changed.
        var columns: Set<Int> = []
    }

    private let state: NIOLockedValueBox<Changes>

    init(columns: Int) {
        state = NIOLockedValueBox(Changes(ranges: Array(repeating: [], count: columns)))
    }

    /// Records that data about a bucket of a range has changed.
    func note(_ range: Int, of column: Int) {
        state.withLockedValue { _ = $0.ranges[column].insert(range) }
    }

    /// Records that a column's account-wide data has changed.
    /// - Parameter ranges: the ranges with buckets whose data has changed too.
    func note(column: Int, rewriting ranges: Set<Int>) {
        state.withLockedValue { state in
            state.columns.insert(column)
            state.ranges[column].formUnion(ranges)
        }
    }

    /// Records that the set of buckets, or the list's data about them, has changed.
    ///
    /// In one step: a snapshot between two would have the series of a bucket that moves to another range twice, or not at all.
    /// - Parameter ranges: the ranges to rewrite, by column; the others contain the same buckets with the same series.
    func note(_ contents: [[BucketDirectory.Place]], rewriting ranges: [Int: Set<Int>] = [:]) {
        state.withLockedValue { state in
            state.contents = contents
            for (column, ranges) in ranges { state.ranges[column].formUnion(ranges) }
        }
    }

    func take() -> Changes {
        state.withLockedValue { state in
            defer { state = Changes(ranges: Array(repeating: [], count: state.ranges.count)) }
            return state
        }
    }
}

/// Turns observations into samples by range: only changed ranges are rewritten and compressed, and all ranges are assembled into a
/// snapshot.
actor SnapshotWriter {
    /// How long the columns' data is served.
    struct Terms: Sendable {
        /// By column.
        let servedFor: [Duration]
        /// Whether the list may be served. Otherwise, no buckets are.
        let hasList: Bool
    }

    /// The families of all columns.
    struct Output: Sendable {
        var families: [RenderedFamily] = []
        /// The partitions of the listed buckets; nil when the list may not be served.
        var listedPartitions: Set<Identifier>?
        /// The steady time until which all families may be served.
        var servableUntil = Duration.seconds(Int64.max / 4)
        /// The calendar times at which all of its observations are valid.
        var validity = WrittenRange(families: []).validity
    }

    private let columns: [any Column]
    private let changes: ChangedRanges
    private let deflater = Deflater()
    private var contents: [[BucketDirectory.Place]] = []
    /// By column and range; nil for a range to be written.
    private var written: [[WrittenRange?]]
    /// By column; nil for a column to be assembled.
    private var rendered: [[RenderedFamily]?]

    init(_ columns: [any Column], changes: ChangedRanges) {
        self.columns = columns
        self.changes = changes
        written = Array(repeating: [], count: columns.count)
        rendered = Array(repeating: nil, count: columns.count)
    }

    /// Writes a range before a snapshot needs it, while other answers are outstanding.
    func writeAhead(_ range: Int, of column: Int, servedFor: Duration, at moment: Moment) {
        takeChanges()
        if range < contents.count, written[column][range] == nil { write(range, of: column, servedFor, moment) }
    }

    /// Writes what has changed or may no longer be served, and assembles the snapshot.
    func snapshot(_ terms: Terms, at moment: Moment) -> Output {
        takeChanges()
        var output = Output()
        if terms.hasList { output.listedPartitions = Set(contents.compactMap { $0.first?.bucket.partition }) }
        for index in columns.indices { add(index, terms.servedFor[index], hasList: terms.hasList, moment, to: &output) }
        return output
    }

    private func takeChanges() {
        let changes = changes.take()
        if let contents = changes.contents {
            self.contents = contents
            for column in columns.indices where written[column].count < contents.count {
                written[column] += Array(repeating: nil, count: contents.count - written[column].count)
            }
        }
        for (column, ranges) in changes.ranges.enumerated() {
            for range in ranges where range < written[column].count { written[column][range] = nil }
            if !ranges.isEmpty { rendered[column] = nil }
        }
        for column in changes.columns { rendered[column] = nil }
    }

    private func write(_ range: Int, of column: Int, _ servedFor: Duration, _ moment: Moment) {
        written[column][range] = columns[column].write(contents[range], servedFor: servedFor, at: moment, deflater)
        rendered[column] = nil
    }

    /// Adds a column's families to a snapshot.
    private func add(_ index: Int, _ servedFor: Duration, hasList: Bool, _ moment: Moment, to output: inout Output) {
        if case .common(let askedAt) = columns[index].age {
            guard let askedAt, moment.uptime - askedAt <= servedFor else { return }
            output.servableUntil = min(output.servableUntil, askedAt + servedFor)
        }
        guard hasList else {
            let common = columns[index].writeCommon(hasReadings: false, at: moment, deflater)
            output.families += common.map { RenderedFamily($0) }
            return
        }
        var hasReadings = false
        for range in contents.indices {
            if written[index][range]?.holds(servedFor: servedFor, at: moment) != true {
                write(range, of: index, servedFor, moment)
            }
            guard let written = written[index][range] else { continue }
            hasReadings = hasReadings || written.hasReadings
            if let oldest = written.oldest { output.servableUntil = min(output.servableUntil, oldest + servedFor) }
            output.validity = output.validity.clamped(to: written.validity)
        }
        let families = rendered[index] ?? put(together: index, hasReadings: hasReadings, moment)
        rendered[index] = families
        output.families += families
    }

    private func put(together column: Int, hasReadings: Bool, _ moment: Moment) -> [RenderedFamily] {
        let common = columns[column].writeCommon(hasReadings: hasReadings, at: moment, deflater)
        let sets = written[column].compactMap { $0?.families.count }.max() ?? 1
        return (0..<sets).flatMap { set -> [RenderedFamily] in
            var parts = written[column].map { range in
                range.map { set < $0.families.count ? $0.families[set] : [] } ?? []
            }
            if set == 0 { parts.append(common) }
            let families = WrittenFamily.join(&parts)
            for range in written[column].indices where set < written[column][range]?.families.count ?? 0 {
                written[column][range]?.families[set] = parts[range]
            }
            return families
        }
    }
}
