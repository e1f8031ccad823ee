package import FoundationEssentials

/// Why a collector's request failed, or some of its per-bucket requests.
package struct CollectorFailure: Sendable, Hashable {
    /// One line, without the API's text. If several requests failed in one round, the first failure.
    package let message: String
    package let date: Date
}

/// A collector's state.
package struct CollectorReport: Sendable {
    package let collector: String
    package let lifetime: CollectorLifetime
    /// Whether its latest request succeeded. For a collector with one request per bucket: whether the latest request of at least
    /// one bucket succeeded.
    package private(set) var succeeded = false
    /// The duration of its latest round of requests: a single request, or one for each bucket that was due at its start. A
    /// running round counts as soon as it exceeds the previous one.
    package internal(set) var duration = Duration.zero
    package internal(set) var lastSuccess: Date?
    /// The time of the last change between success and failure; nil before its first request has ended.
    package private(set) var since: Date?
    /// The latest failure, even if requests have succeeded since.
    package internal(set) var latestFailure: CollectorFailure?
    /// What it could not export since the program started.
    package internal(set) var dropped = DroppedRows()
    /// How many buckets, or nodes across all buckets, exceeded a limit.
    package internal(set) var refused = 0
    /// Whether any of its requests has ended.
    package private(set) var hasRun = false
    /// How long after its request an observation is served.
    package internal(set) var servedFor: Duration
    /// The time between two requests for the same bucket; nil before it is known.
    package internal(set) var cycle: Duration?

    /// Whether it requests buckets together; nil if it cannot, or may not.
    package internal(set) var isBulk: Bool?

    init(collector: String, lifetime: CollectorLifetime) {
        self.collector = collector
        self.lifetime = lifetime
        servedFor = lifetime.fresh + lifetime.stale
    }

    /// Records the outcome of a request.
    mutating func note(succeeded isSuccess: Bool, at date: Date) {
        if !hasRun || isSuccess != succeeded { since = date }
        succeeded = isSuccess
        hasRun = true
    }

    /// Whether the cycle is longer than two lifetimes, so that served data is noticeably older than configured.
    var isTooSlow: Bool { CollectorLifetime.isExceeded(lifetime.fresh, by: cycle) }
}

/// The progress of a refresh, in requests.
package struct CollectionProgress: Sendable, Hashable {
    package var done = 0
    /// The requests known to be needed; it grows when the bucket list arrives.
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
