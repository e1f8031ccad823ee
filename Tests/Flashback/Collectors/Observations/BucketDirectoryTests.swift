import Basics
import FlashbackAPI
import Foundation
import TestSupport
import Testing

@testable import FlashbackCollectors

@Suite struct BucketDirectoryTests {
    private static let retention = Duration.seconds(150)

    /// Buckets of a list, as `id/workspace/name`.
    private func list(_ rows: [String]) throws -> [ListedBucket] {
        let objects = rows.map { row in
            let parts = row.split(separator: "/", omittingEmptySubsequences: false)
            return #"{"id":"\#(parts[0])","workspaceId":"\#(parts[1])","name":"\#(parts.count > 2 ? parts[2] : "n")"}"#
        }
        let body = #"{"success":true,"buckets":[\#(objects.joined(separator: ","))]}"#
        return try ListBuckets().answer(from: AnswerBody(Array(body.utf8))).rows.map(ListedBucket.init)
    }

    private func many(_ count: Int, workspaces: Int = 1) throws -> [ListedBucket] {
        try list((0..<count).map { "b\($0)/w\($0 % workspaces)" })
    }

    @Test func rangesHoldOneWorkspaceUpToTheirCapacity() throws {
        var directory = BucketDirectory()
        _ = directory.update(with: try many(1000, workspaces: 3), requestedAt: .zero, retention: Self.retention)
        let ranges = directory.rangeContents
        #expect(ranges.flatMap { $0 }.count == 1000)
        #expect(ranges.allSatisfy { $0.count <= BucketDirectory.rangeCapacity })
        #expect(ranges.allSatisfy { Set($0.map(\.bucket.partition)).count == 1 })
        #expect(ranges.count == 6)
        #expect(directory.places.map(\.bucket.id) == (0..<1000).map { Identifier("b\($0)") }, "in the list's order")
    }

    @Test func sameListChangesNothing() throws {
        var directory = BucketDirectory()
        _ = directory.update(with: try many(300), requestedAt: .zero, retention: Self.retention)
        let change = directory.update(with: try many(300), requestedAt: .seconds(30), retention: Self.retention)
        #expect(change.added.isEmpty && change.removed.isEmpty && change.changed.isEmpty)
        #expect(directory.places.allSatisfy { $0.listedAt == .zero })
    }

    @Test func renamedBucketChangesItsRangeOnly() throws {
        var directory = BucketDirectory()
        _ = directory.update(with: try many(600), requestedAt: .zero, retention: Self.retention)
        var rows = try many(600)
        rows[400] = try list(["b400/w0/other"])[0]
        let change = directory.update(with: rows, requestedAt: .seconds(30), retention: Self.retention)
        #expect(change.relabeled == [1] && change.changed == [1])
        #expect(change.added.isEmpty && change.removed.isEmpty)
    }

    @Test func returningBucketKeepsItsSlotWhileItsDataCouldBeServed() throws {
        var directory = BucketDirectory()
        _ = directory.update(with: try list(["a/w", "b/w", "c/w"]), requestedAt: .zero, retention: Self.retention)
        let slot = try #require(directory.places.first { $0.bucket.id == "b" }?.slot)
        let gone = directory.update(with: try list(["a/w", "c/w"]), requestedAt: .seconds(30), retention: Self.retention)
        #expect(gone.removed == [slot] && gone.freed.isEmpty)
        #expect(directory[slot] == nil)
        let back = directory.update(with: try list(["a/w", "b/w", "c/w"]), requestedAt: .seconds(60), retention: Self.retention)
        #expect(back.added.map(\.slot) == [slot])
        #expect(back.added.map(\.listedAt) == [.seconds(60)])
        _ = directory.update(with: try list(["a/w", "c/w"]), requestedAt: .seconds(90), retention: Self.retention)
        let freed = directory.update(with: try list(["a/w", "c/w"]), requestedAt: .seconds(241), retention: Self.retention)
        #expect(freed.freed == [slot])
        let other = directory.update(
            with: try list(["a/w", "c/w", "d/w"]), requestedAt: .seconds(271), retention: Self.retention)
        #expect(other.added.map(\.slot) == [slot], "a free slot is used again")
    }

    @Test func bucketThatChangesWorkspaceChangesRange() throws {
        var directory = BucketDirectory()
        _ = directory.update(with: try list(["a/v", "b/v", "c/w"]), requestedAt: .zero, retention: Self.retention)
        let change = directory.update(
            with: try list(["a/v", "b/w", "c/w"]), requestedAt: .seconds(30), retention: Self.retention)
        #expect(change.relabeled == [0, 1])
        #expect(change.added.isEmpty && change.removed.isEmpty)
        #expect(directory.rangeContents.map { $0.map(\.bucket.id).sorted() } == [["a"], ["b", "c"]])
    }

    /// Lists with new buckets in new workspaces each time must not fill the memory.
    @Test func freedSlotsAndRangesAreReused() throws {
        var directory = BucketDirectory()
        for round in 0..<50 {
            let rows = (0..<40).map { "r\(round)-\($0)/w\(round)-\($0 % 5)" }
            _ = directory.update(with: try list(rows), requestedAt: .seconds(30 * round), retention: .seconds(60))
        }
        #expect(directory.count == 40)
        #expect(directory.rangeContents.count <= 5 * 5)
        #expect(try #require(directory.places.map(\.slot).max()) < 40 * 5)
    }
}
