package import FoundationEssentials

/// Why a request of a collector failed, or some of its requests about buckets.
package struct CollectorFailure: Sendable, Hashable {
    /// One line, without the API's words. Of several failures in one round it is the first.
    package let message: String
    package let date: Date
}

/// How a collector fares.
package struct CollectorReport: Sendable {
    package let collector: String
    package let lifetime: CollectorLifetime
    /// Whether its latest request got an answer: for a collector that makes a request for each bucket, the latest one about at least
    /// one of them.
    package private(set) var succeeded = false
    /// How long its latest round of requests took: one, or one for each bucket that was due. A round that goes on counts as soon as
    /// it takes longer than the one before.
    package internal(set) var duration = Duration.zero
    package internal(set) var lastSuccess: Date?
    /// Since when it has succeeded, or failed, as it does now; nil before its first request ended.
    package private(set) var since: Date?
    /// The latest failure, whether or not successes have followed it.
    package internal(set) var latestFailure: CollectorFailure?
    /// What it could not export, since the program started.
    package internal(set) var dropped = DroppedRows()
    /// How many buckets, or nodes of all buckets together, a limit keeps from being exported.
    package internal(set) var refused = 0
    /// Whether any of its requests has ended.
    package private(set) var hasRun = false
    /// For how long after its request an observation is served.
    package internal(set) var servedFor: Duration
    /// How long it takes to come round to the same bucket again; nil before it did.
    package internal(set) var cycle: Duration?

    init(collector: String, lifetime: CollectorLifetime) {
        self.collector = collector
        self.lifetime = lifetime
        servedFor = lifetime.fresh + lifetime.stale
    }

    /// Notes how it fares.
    mutating func note(succeeded isSuccess: Bool, at date: Date) {
        if !hasRun || isSuccess != succeeded { since = date }
        succeeded = isSuccess
        hasRun = true
    }

    /// Whether coming round takes more than twice the lifetime: what is served is then noticeably older than was asked for.
    var isTooSlow: Bool { cycle.map { $0 > lifetime.fresh * 2 && lifetime.fresh > .zero } ?? false }
}

/// How far a refresh has come, in requests.
package struct CollectionProgress: Sendable, Hashable {
    package var done = 0
    /// What is known to be needed; it grows when the bucket list arrives.
    package var expected = 0

    package init(done: Int = 0, expected: Int = 0) {
        self.done = done
        self.expected = expected
    }

    package static func += (left: inout CollectionProgress, right: CollectionProgress) {
        left.done += right.done
        left.expected += right.expected
    }
}
