import Exposition
import FlashbackAPI
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import FlashbackCollectors

@Suite struct SnapshotWriterTests {
    /// A column that counts how often it writes a range, with observations from times that the test chooses.
    private final class CountingColumn: Column {
        struct State {
            var observedAt = Duration.zero
            var written: [Int] = []
        }

        let state = NIOLockedValueBox(State())
        let name = "counting"
        let age = ColumnAge.ofEachBucket

        func write(
            _ places: [BucketDirectory.Place], servedFor: Duration, at moment: Moment, _ deflater: Deflater
        ) -> WrittenRange {
            let observedAt = state.withLockedValue { state in
                state.written.append(places.first?.slot ?? -1)
                return state.observedAt
            }
            var range = WrittenRange(families: [[]])
            if range.include(observedAt: observedAt, servedFor: servedFor, at: moment) {
                var samples = SampleWriter<StatusCollector.Families>(deflater: deflater)
                for place in places { samples.append(.latency, place.bucket.labels, value: 1) }
                range.families = [samples.written()]
            }
            return range
        }

        func written(as account: AccountLabel) -> any Column { self }
        func writeCommon(hasReadings: Bool, at moment: Moment, _ deflater: Deflater) -> [WrittenFamily] { [] }
        func summarize(_ slot: Int, servedFor: Duration, at moment: Moment, in summary: inout BucketSummary) {}

        /// The first slots of the ranges that were written since the last call.
        func takeWritten() -> [Int] {
            state.withLockedValue { state in
                defer { state.written = [] }
                return state.written
            }
        }
    }

    private let column = CountingColumn()
    private let changes = ChangedRanges(columns: 1)
    private let writer: SnapshotWriter

    init() throws {
        writer = SnapshotWriter([column], changes: changes)
        let rows = (0..<1000).map { #"{"id":"b\#($0)","workspaceId":"w"}"# }.joined(separator: ",")
        let list = try ListBuckets().answer(from: AnswerBody(Array(#"{"buckets":[\#(rows)]}"#.utf8))).rows.map(ListedBucket.init)
        var directory = BucketDirectory()
        _ = directory.update(with: list, requestedAt: .zero, retention: .seconds(150))
        changes.note(directory.rangeContents)
    }

    private func snapshot(at second: Int, servedFor: Duration = .seconds(150)) async -> SnapshotWriter.Output {
        await writer.snapshot(
            SnapshotWriter.Terms(servedFor: [servedFor], hasList: true),
            at: Moment(uptime: .seconds(second), date: Date(timeIntervalSince1970: Double(second))))
    }

    private func samples(_ output: SnapshotWriter.Output) -> Int {
        MetricSnapshot(output.families).body(in: .text).bytes.count { $0 == UInt8(ascii: "\n") }
            - (output.families.isEmpty ? 0 : 2)
    }

    @Test func onlyChangedRangesAreWrittenAgain() async {
        #expect(samples(await snapshot(at: 1)) == 1000)
        #expect(column.takeWritten().count == 4)
        #expect(samples(await snapshot(at: 2)) == 1000)
        #expect(column.takeWritten().isEmpty)
        changes.note(3, of: 0)
        #expect(samples(await snapshot(at: 3)) == 1000)
        #expect(column.takeWritten() == [3 * BucketDirectory.rangeCapacity])
    }

    /// Otherwise, a snapshot has the series of a bucket that moves to another range twice or not at all.
    @Test func newContentsAndTheRangesToRewriteAreTakenTogether() async {
        let changes = ChangedRanges(columns: 2)
        let rounds = 20_000
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<rounds { changes.note([[], []], rewriting: [0: [0, 1], 1: [0, 1]]) }
            }
            group.addTask {
                for _ in 0..<rounds {
                    let taken = changes.take()
                    let expected: Set<Int> = taken.contents == nil ? [] : [0, 1]
                    #expect(taken.ranges == [expected, expected])
                }
            }
        }
    }

    @Test func rangeWrittenAheadIsReusedForTheSnapshot() async {
        await writer.writeAhead(
            2, of: 0, servedFor: .seconds(150), at: Moment(uptime: .seconds(1), date: Date(timeIntervalSince1970: 1)))
        #expect(column.takeWritten() == [2 * BucketDirectory.rangeCapacity])
        _ = await snapshot(at: 1)
        #expect(column.takeWritten().count == 3)
    }

    @Test func staleSamplesDisappearAndReturnWithALongerMaxStale() async {
        let first = await snapshot(at: 100)
        #expect(first.servableUntil == .seconds(150))
        #expect(samples(await snapshot(at: 151)) == 0)
        #expect(column.takeWritten().count == 8)
        #expect(samples(await snapshot(at: 152, servedFor: .seconds(300))) == 1000)
    }

    @Test func noBucketSamplesWithoutAList() async {
        #expect(samples(await snapshot(at: 1)) == 1000)
        let output = await writer.snapshot(
            SnapshotWriter.Terms(servedFor: [.seconds(150)], hasList: false),
            at: Moment(uptime: .seconds(2), date: Date(timeIntervalSince1970: 2)))
        #expect(output.families.isEmpty)
    }
}
