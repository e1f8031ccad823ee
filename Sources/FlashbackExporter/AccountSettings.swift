internal import BucketCollector

/// One account: how its API is reached, and what is collected from it.
struct AccountSettings: Sendable {
    /// The value of the label `account` on the account's series; nil where there is one account only, which has no such label.
    var name: String?
    let upstream: Upstream
    let collection: CollectionConfiguration

    /// The same account for who collects once: a configuration that says `background` says it of a server, and a refresher in that
    /// mode would answer before anything is read.
    var collectedOnce: AccountSettings {
        var collection = collection
        collection.mode = .scrape
        return AccountSettings(name: name, upstream: upstream, collection: collection)
    }
}
