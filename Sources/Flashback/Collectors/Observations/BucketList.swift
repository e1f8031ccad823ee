internal import Basics
internal import FlashbackAPI

/// Reads the list of buckets. The other requests are about the buckets that it lists.
enum BucketList {
    /// Reads the list, and selects from it: to all others no more buckets exist than those.
    static func read(_ context: ReadingContext) async throws(APIError) -> ReadingResult<[ListedBucket]> {
        let list = try await readAll(context)
        let (buckets, refused) = context.selection.applied(to: list.reading)
        if let limit = context.selection.maximumBuckets { context.limits.note(refusedBuckets: refused, limit: limit) }
        for bucket in buckets { context.unknownStatuses.note(bucket.status, of: ListBuckets.name) }
        return ReadingResult(buckets.map(ListedBucket.init), dropped: list.dropped, refused: refused)
    }

    /// Reads the list of each workspace. All lists must be read: a list without one workspace would have its buckets look deleted.
    static func readAll(_ context: ReadingContext) async throws(APIError) -> ReadingResult<[Bucket]> {
        var dropped = DroppedRows()
        var buckets: [Bucket] = []
        let workspaceIDs: [Identifier?] = context.workspaceIDs.isEmpty ? [nil] : context.workspaceIDs
        for workspaceID in workspaceIDs {
            let rows = try await context.client.send(ListBuckets(workspaceID: workspaceID))
            dropped += DroppedRows(unreadIn: rows)
            buckets += rows.rows
        }
        // A bucket may be in the lists of two workspaces; the row with the later status is the newer.
        return ReadingResult(dropped.merge(buckets, by: \.id, keepingLatest: \.lastStatusAt), dropped: dropped)
    }
}
