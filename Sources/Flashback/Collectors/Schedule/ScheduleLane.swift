internal import FoundationEssentials
internal import HeapModule

/// When the items of one kind are requested and for how long what was read is served.
struct ItemTiming: Sendable, Hashable {
    /// After it an item is due again.
    let lifetime: Duration
    /// How much longer than that an observation is served while it is not renewed.
    let maxStale: Duration
    /// How much earlier an item is due, so that scrapes at intervals of just its lifetime renew it each time.
    let slack: Duration

    /// The longest slack: scrapes come that punctually.
    private static let longestSlack = Duration.seconds(5)
    /// How soon an item with a longer lifetime is requested again after a failure; twice as late after each further one.
    private static let firstRetry = Duration.seconds(30)
    /// What was read for a scrape is served with it, although it lives for no time.
    private static let shortestServing = Duration.seconds(10)
    /// Sooner than this nothing is requested again without a scrape.
    private static let shortestInterval = Duration.seconds(1)

    init(_ lifetime: CollectorLifetime, mode: CollectionMode) {
        switch mode {
        case .scrape:
            self.lifetime = lifetime.fresh
            slack = min(lifetime.fresh / 40, Self.longestSlack)
        case .background:
            self.lifetime = max(lifetime.fresh, Self.shortestInterval)
            slack = .zero
        }
        maxStale = lifetime.stale
    }

    /// From when the next due time counts. What a scrape wanted counts from that scrape and not from its turn some seconds later,
    /// or the next scrape after a lifetime would come too early for it.
    func base(askedAt: Duration, horizon: Duration) -> Duration {
        max(askedAt - lifetime / 2, min(askedAt, horizon))
    }

    /// From when the next due time counts after failures in a row. One failure must not cost the series of an hour, and an endpoint
    /// that keeps failing is not requested more often than one that works.
    func base(_ base: Duration, afterFailures failures: Int) -> Duration {
        let retry = Self.firstRetry * (1 << min(failures - 1, 16))
        return base - max((lifetime - slack) - (retry - min(slack, retry / 40)), .zero)
    }

    /// When an item is due again. An item that lives for no time is due right after it was requested, but not for the same scrape.
    func due(after base: Duration) -> Duration { base + max(lifetime - slack, .nanoseconds(1)) }

    /// How long an observation is served. Slow is not stale: where coming round to all items takes long, two rounds.
    func servedFor(cycle: Duration?) -> Duration {
        max(lifetime + maxStale, (cycle ?? .zero) * 2, lifetime == .zero ? Self.shortestServing : .zero)
    }

    fileprivate func overdueShare(age: Duration) -> Double { age / max(lifetime, Self.shortestInterval) }
}

/// The items of one kind of request, such as the statuses of all buckets, in the order of their attempts.
struct ScheduleLane {
    /// An item that waits for its turn.
    struct Entry: Comparable {
        let slot: Int
        /// Tells items apart that had the same slot one after the other.
        let generation: UInt32
        /// From when its due time counts; when it was listed, for one that was never requested.
        let base: Duration
        /// The ``WorkClock`` at that time.
        let worked: Duration
        var isSuspect = false
        var hasBeenAttempted = false
        /// How many requests in a row have failed.
        fileprivate var failures = 0
        fileprivate var validUntil: Date?

        /// When it was requested last; tells entries with the same base apart.
        fileprivate var askedAt = Duration.zero

        static func < (left: Entry, right: Entry) -> Bool { (left.base, left.askedAt) < (right.base, right.askedAt) }
        static func == (left: Entry, right: Entry) -> Bool { (left.base, left.askedAt) == (right.base, right.askedAt) }
    }

    let timing: ItemTiming
    var cycle = CycleTime()
    /// Whether any of its items has been requested.
    private(set) var hasBeenAttempted = false

    private var waiting = Heap<Entry>()
    /// Those whose last request timed out.
    private var suspects = Heap<Entry>()
    private var generations: [UInt32] = []
    /// No observation ends before this time.
    private var earliestEnd = Date.distantFuture

    init(_ timing: ItemTiming) {
        self.timing = timing
    }

    /// How long an observation is served now.
    var servedFor: Duration { timing.servedFor(cycle: cycle.value) }

    // MARK: Items

    /// A new item, which waits elsewhere for its first turn.
    mutating func add(slot: Int, at now: Duration, worked: Duration) -> Entry {
        if slot >= generations.count {
            generations.append(contentsOf: repeatElement(0, count: slot + 1 - generations.count))
        }
        generations[slot] &+= 1
        return Entry(slot: slot, generation: generations[slot], base: now, worked: worked)
    }

    /// A new item that is due at once.
    mutating func addDue(slot: Int) {
        let entry = add(slot: slot, at: .seconds(Int64.min / 4), worked: .zero)
        waiting.insert(entry)
    }

    /// - Returns: the generation of the item that was removed.
    mutating func remove(slot: Int) -> UInt32 {
        defer { generations[slot] &+= 1 }
        return generations[slot]
    }

    /// Whether the item still exists.
    func isListed(_ entry: Entry) -> Bool { generations[entry.slot] == entry.generation }

    // MARK: Turns

    /// Whether an item is due that did not time out last time.
    mutating func hasDue(upTo horizon: Duration) -> Bool { Self.dropUnlisted(from: &waiting, generations, timing, upTo: horizon) }

    /// Whether an item is due that timed out last time.
    mutating func hasDueSuspect(upTo horizon: Duration) -> Bool {
        Self.dropUnlisted(from: &suspects, generations, timing, upTo: horizon)
    }

    mutating func takeDue(upTo horizon: Duration) -> Entry? {
        Self.dropUnlisted(from: &waiting, generations, timing, upTo: horizon) ? waiting.popMin() : nil
    }

    mutating func takeSuspect(upTo horizon: Duration) -> Entry? {
        Self.dropUnlisted(from: &suspects, generations, timing, upTo: horizon) ? suspects.popMin() : nil
    }

    /// Drops what no longer exists from the front of a queue.
    /// - Returns: whether its first item is due.
    private static func dropUnlisted(
        from queue: inout Heap<Entry>, _ generations: [UInt32], _ timing: ItemTiming, upTo horizon: Duration
    ) -> Bool {
        while let first = queue.min, timing.due(after: first.base) <= horizon {
            if generations[first.slot] == first.generation { return true }
            _ = queue.popMin()
        }
        return false
    }

    /// Takes the items whose observations have ended.
    mutating func takeEnded(at date: Date) -> [Entry] {
        guard date >= earliestEnd else { return [] }
        var ended: [Entry] = []
        func rest(of queue: Heap<Entry>) -> Heap<Entry> {
            Heap(
                queue.unordered.filter { entry in
                    guard let end = entry.validUntil, end <= date else { return true }
                    ended.append(entry)
                    return false
                })
        }
        waiting = rest(of: waiting)
        suspects = rest(of: suspects)
        earliestEnd = waiting.unordered.lazy.compactMap(\.validUntil).min() ?? .distantFuture
        return ended.sorted()
    }

    /// An item was requested with success.
    /// - Parameter validUntil: when what was read stops being true; nil if it only ages.
    mutating func attempted(_ request: Schedule.UnderWay, validUntil: Date?) {
        hasBeenAttempted = true
        guard isListed(request.entry) else { return }
        if let validUntil { earliestEnd = min(earliestEnd, validUntil) }
        putBack(
            Entry(
                slot: request.entry.slot, generation: request.entry.generation, base: request.base, worked: request.worked,
                hasBeenAttempted: true, validUntil: validUntil, askedAt: request.askedAt))
    }

    /// An item was requested without success.
    mutating func failed(_ request: Schedule.UnderWay, timedOut: Bool) {
        hasBeenAttempted = true
        guard isListed(request.entry) else { return }
        let failures = request.entry.failures + 1
        putBack(
            Entry(
                slot: request.entry.slot, generation: request.entry.generation,
                base: timing.base(request.base, afterFailures: failures), worked: request.worked, isSuspect: timedOut,
                hasBeenAttempted: true, failures: failures, askedAt: request.askedAt))
    }

    /// An item waits for its turn.
    mutating func putBack(_ entry: Entry) {
        if entry.isSuspect { suspects.insert(entry) } else { waiting.insert(entry) }
    }

    // MARK: Measures

    /// How old the attempt of the first item is, in lifetimes.
    func overdueShare(at now: Duration) -> Double {
        waiting.min.map { timing.overdueShare(age: now - $0.base) } ?? 0
    }

    /// How much of its serving time the attempt of the first item has used up.
    func servingShare(at now: Duration) -> Double {
        waiting.min.map { (now - $0.base) / servedFor } ?? 0
    }

    /// How many items are due.
    func dueCount(upTo horizon: Duration) -> Int {
        waiting.unordered.count { timing.due(after: $0.base) <= horizon }
    }

    /// When the first item is due; nil without any.
    var nextDue: Duration? {
        [waiting.min, suspects.min].compactMap { $0.map { timing.due(after: $0.base) } }.min()
    }
}
