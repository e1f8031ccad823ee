package import Exposition

/// What one collector has observed, kept between refreshes.
///
/// Each is an actor of its own: that one of them writes ten thousand buckets' samples holds nobody else up.
package protocol Collection: Actor {
    var report: CollectorReport { get }

    /// How far its latest refresh has come.
    var progress: CollectionProgress { get }

    /// Forgets what is about buckets that exist no more, and reads what is due.
    func refresh(_ buckets: [ListedBucket], _ context: ReadingContext) async

    /// Adds what may still be served to summaries of the buckets, for people.
    func overview(of summaries: [BucketSummary], _ context: ReadingContext) -> CollectionOverview

    /// Writes all that may still be served.
    func rendering(for buckets: [ListedBucket], _ context: ReadingContext) -> CollectionRendering
}

/// What a collection comes to for people.
package struct CollectionOverview: Sendable {
    package let report: CollectorReport
    package let lifetime: CollectorLifetime
    /// One a bucket, in the order in which they were given.
    package let summaries: [BucketSummary]
}

/// What a collection comes to in a snapshot.
package struct CollectionRendering: Sendable {
    package let families: [RenderedFamily]
    package let report: CollectorReport
    /// The steady time at which something will be due, in the past when something is due already.
    package let nextDue: Duration
}
