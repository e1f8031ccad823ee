package import FoundationEssentials

/// How a collector fared when it last ran.
package struct CollectorReport: Sendable {
    package let collector: String
    package let lifetime: CollectorLifetime
    /// Whether its latest run got an answer: for a collector that asks for each bucket, an answer for at least one of them.
    package var succeeded = false
    /// How long its latest run took.
    package var duration = Duration.zero
    package var lastSuccess: Date?
    /// Since when its runs have succeeded, or failed, as the latest did; nil before the first.
    package private(set) var since: Date?
    /// The latest failure, whether or not successes have followed it.
    package var latestFailure: CollectorFailure?
    /// What it could not export, since the program started.
    package var dropped = DroppedRows()
    /// How many buckets, or nodes of all buckets together, a limit keeps from being exported.
    package var refused = 0
    /// Whether it has run at all.
    package var hasRun = false

    init(collector: String, lifetime: CollectorLifetime) {
        self.collector = collector
        self.lifetime = lifetime
    }

    /// Notes what a run came to, before ``hasRun`` is set for it.
    mutating func note(succeeded isSuccess: Bool, at date: Date) {
        if !hasRun || isSuccess != succeeded { since = date }
        succeeded = isSuccess
        if isSuccess { lastSuccess = date }
    }
}
