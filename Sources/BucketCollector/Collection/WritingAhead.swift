/// Hands what is known of the buckets over to be written while answers about others are still waited for, down the bucket list.
struct WritingAhead<Entry: Sendable> {
    /// How many buckets are handed over at a time: waking a thread for each would cost more than writing it.
    private static var batch: Int { 128 }

    /// What is known of the buckets, nil where that is nothing.
    let batches: AsyncStream<[Entry?]>
    private let feed: AsyncStream<[Entry?]>.Continuation
    private let buckets: [ListedBucket]
    /// How many have been handed over.
    private var position = 0
    /// How many are no longer waited for, up to the first that is.
    private var known = 0

    init(_ buckets: [ListedBucket]) {
        self.buckets = buckets
        (batches, feed) = AsyncStream.makeStream()
    }

    /// Hands over what has become known, if it is enough.
    mutating func advance(_ entries: [String: Entry], before isAwaited: (ListedBucket) -> Bool) {
        while known < buckets.count, !isAwaited(buckets[known]) { known += 1 }
        if known - position >= Self.batch { handOver(entries, upTo: known) }
    }

    /// Hands over all that is left, known or not.
    mutating func finish(_ entries: [String: Entry]) {
        handOver(entries, upTo: buckets.count)
        feed.finish()
    }

    private mutating func handOver(_ entries: [String: Entry], upTo end: Int) {
        feed.yield(buckets[position..<end].map { entries[$0.id] })
        position = end
    }
}
