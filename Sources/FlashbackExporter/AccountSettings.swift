internal import BucketCollector

/// One account: how its API is reached, and what is collected from it.
struct AccountSettings: Sendable {
    let upstream: Upstream
    let collection: CollectionConfiguration
}
