internal import FlashbackAPI

/// What a collector knows of one bucket.
struct BucketObservation<Reading: Sendable>: Sendable {
    var observation: Observation<Reading>?
    /// How many nodes a limit kept out of the observation.
    var refusedNodes = 0
    /// When it was last asked for, with or without success.
    var attemptedAt: Duration
    /// Why the latest request about it failed; nil when it succeeded.
    var failure: APIError?

    var succeeded: Bool { failure == nil }
}
