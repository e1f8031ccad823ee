internal import Basics
internal import FlashbackAPI

/// Reads the list of buckets, which determines all per-bucket requests.
enum BucketList {
    /// Reads the list and applies the selection; all other buckets are ignored everywhere.
    static func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<[ListedBucket]> {
        let list = try await readAll(context)
        let (buckets, refused) = context.selection.applied(to: list.reading)
        if let limit = context.selection.maximumBuckets { context.limits.note(refusedBuckets: refused, limit: limit) }
        for bucket in buckets { context.unknownStatuses.note(bucket.status, of: ListBuckets.name) }
        return ReadingResult(buckets.map(ListedBucket.init), dropped: list.dropped, refused: refused)
    }

    /// Reads the list of each workspace. All must succeed: without one workspace its buckets would appear deleted.
    static func readAll(_ context: ReadingContext) async throws(APIError) -> ReadingResult<[Bucket]> {
        var dropped = DroppedRows()
        var buckets: [Bucket] = []
        let workspaceIDs: [Identifier?] = context.workspaceIDs.isEmpty ? [nil] : context.workspaceIDs
        for workspaceID in workspaceIDs {
            let rows = try await context.client.send(ListBuckets(workspaceID: workspaceID))
            dropped += DroppedRows(unreadIn: rows)
            buckets += rows.rows
        }
        // A bucket may be in the lists of two workspaces; the row with the later status is newer.
        return ReadingResult(dropped.merge(buckets, by: \.id, keepingLatest: \.lastStatusAt), dropped: dropped)
    }
}
