internal import BucketCollector

/// One account: how its API is reached, and what is collected from it.
struct AccountSettings: Sendable {
    /// The value of the label `account` on the account's series; nil where there is one account only, which has no such label.
    var name: String?
    let upstream: Upstream
    let collection: CollectionConfiguration
}
