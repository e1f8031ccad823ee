/// What has been done of the queue.
extension Schedule {
    /// Whether everything has been requested once, successfully or not; without buckets while they are not requested.
    ///
    /// What falls due again in the meantime does not matter: if a cycle takes longer than a lifetime, something is always due.
    var hasReadEverything: Bool {
        guard accounts.allSatisfy(\.hasBeenAttempted) else { return false }
        guard requestsBuckets else { return true }
        return underWay.values.allSatisfy(\.entry.hasBeenAttempted)
            && !unread.contains { lane, entry in !entry.hasBeenAttempted && lanes[lane].isListed(entry) }
    }

    /// Whether requests of a collector are due or in progress for items that were due at a horizon or had never been requested.
    mutating func isOccupied(lane: Int, upTo horizon: Duration) -> Bool {
        if hasDue(lane: lane, upTo: horizon) { return true }
        let timing = lanes[lane].timing
        return underWay.contains { item, request in
            Kind(of: item) == .lane(lane) && (request.wasUnread || timing.due(after: request.entry.base) <= horizon)
        }
    }

    /// When the first of a collector's requests in progress was made; nil if none is.
    func firstAsked(lane: Int) -> Duration? {
        underWay.lazy.filter { Kind(of: $0.key) == .lane(lane) }.map(\.value.askedAt).min()
    }

    /// Whether a request for the bucket list is due or in progress.
    func awaitsList(upTo horizon: Duration) -> Bool {
        underWay[.account(0)] != nil || accounts[0].nextDue.map { $0 <= horizon } ?? false
    }
}
