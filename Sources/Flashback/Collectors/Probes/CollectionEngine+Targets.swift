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

    /// The selected buckets of the latest list, in list order; nil before the first list. The list is kept while the API cannot be read.
    ///
    /// Queues what is due, as a scrape does, so that new buckets are found even without scrapes.
    /// - Parameter timeout: how long to wait for the first list. Later lists are not waited for.
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

    /// Waits for the end of a request for the list, not for the requests for buckets that follow it: on a large account they take longer than
    /// any probe may. After a failed request, the next one is waited for only once it is due.
    private func waitForFirstList(within timeout: Duration) async {
        guard listRequestedAt == nil, timeout > .zero else { return }
        want()
        let deadline = context.time.uptime + timeout
        while listRequestedAt == nil, !Task.isCancelled, context.time.uptime < deadline, schedule.awaitsList(upTo: horizon) {
            if let end = context.client.budget.pauseEnd, end >= deadline { return }
            await listAttempted.wait(until: deadline, context.time)
        }
    }
}
