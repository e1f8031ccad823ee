package import Basics
package import FlashbackAPI

/// The listed buckets as targets of probes.
extension CollectionEngine {
    /// Whether an account has a bucket.
    package enum Lookup: Sendable, Hashable {
        case listed, unlisted
        /// No bucket list has been read yet.
        case unknown
    }

    /// The selected buckets of the latest list, in list order; nil before the first list. They are kept while the API cannot be read.
    ///
    /// Queues what is due, as a scrape does, so that new buckets are found even without scrapes.
    /// - Parameter timeout: how long to wait for the first list. No other list is waited for.
    package func targets(within timeout: Duration) async -> [Bucket]? {
        if mode == .scrape, published.fresh(at: context.time.moment) == nil { want() }
        await waitForFirstList(within: timeout)
        return listRequestedAt == nil ? nil : directory.places.map(\.bucket.bucket)
    }

    /// Looks a bucket up in the latest list.
    /// - Parameter timeout: how long to wait for the first list.
    package func lookUp(_ bucketID: Identifier, within timeout: Duration) async -> Lookup {
        await waitForFirstList(within: timeout)
        if listRequestedAt == nil { return .unknown }
        return directory.place(of: bucketID) == nil ? .unlisted : .listed
    }

    private func waitForFirstList(within timeout: Duration) async {
        if listRequestedAt == nil, timeout > .zero { await collect(within: timeout) }
    }
}
