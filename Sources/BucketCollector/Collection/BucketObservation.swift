internal import FlashbackAPI

/// What a collector knows of one bucket.
struct BucketObservation<Reading: Sendable>: Sendable {
    var observation: Observation<Reading>?
    /// When it was last asked for, with or without success.
    var attemptedAt: Duration
    /// Why the latest request about it failed; nil when it succeeded.
    var failure: APIError?

    var succeeded: Bool { failure == nil }
}
