internal import FoundationEssentials
internal import HeapModule

/// When items of one kind are requested, and how long their observations are served.
struct ItemTiming: Sendable, Hashable {
    /// The age at which an item is due again.
    let lifetime: Duration
    /// How much longer an observation is served while it cannot be renewed.
    let maxStale: Duration
    /// How much earlier an item is due, so that scrapes at intervals of exactly its lifetime renew it each time.
    let slack: Duration

    /// The maximum slack; scrapes are at least this punctual.
    private static let maximumSlack = Duration.seconds(5)
    /// The delay of the first retry after a failure, for items with a longer lifetime; it doubles with each further failure.
    private static let firstRetry = Duration.seconds(30)
    /// With a lifetime of zero, how long an observation is served to the scrape that requested it.
    private static let minimumServing = Duration.seconds(10)
    /// The minimum interval between requests of an item in background mode.
    private static let minimumInterval = Duration.seconds(1)

    init(_ lifetime: CollectorLifetime, mode: CollectionMode) {
        switch mode {
        case .scrape:
            self.lifetime = lifetime.fresh
            slack = min(lifetime.fresh / 40, Self.maximumSlack)
        case .background:
            self.lifetime = max(lifetime.fresh, Self.minimumInterval)
            slack = .zero
        }
        maxStale = lifetime.stale
    }

    /// The start of the interval to the next due time: the time of the scrape that asked for the item, not of its request some seconds
    /// later. Otherwise the next scrape, one lifetime later, would come too early.
    func base(askedAt: Duration, horizon: Duration) -> Duration {
        max(askedAt - lifetime / 2, min(askedAt, horizon))
    }

    /// The start of the interval to the next due time after consecutive failures. One failure must not cost an hour's series, and
    /// a failing endpoint must not be requested more often than a working one.
    func base(_ base: Duration, afterFailures failures: Int) -> Duration {
        let retry = Self.firstRetry * (1 << min(failures - 1, 16))
        return base - max((lifetime - slack) - (retry - min(slack, retry / 40)), .zero)
    }

    /// When an item is due again. With a lifetime of zero it is due right after its request, but not for the same scrape.
    func due(after base: Duration) -> Duration { base + max(lifetime - slack, .nanoseconds(1)) }

    /// How long an observation is served. Slow is not stale: if a cycle takes long, observations are served for two cycles.
    func servedFor(cycle: Duration?) -> Duration {
        max(lifetime + maxStale, (cycle ?? .zero) * 2, lifetime == .zero ? Self.minimumServing : .zero)
    }

    fileprivate func overdueShare(age: Duration) -> Double { age / max(lifetime, Self.minimumInterval) }
}

/// The items of one kind of request, such as the statuses of all buckets, ordered by their last attempt.
struct ScheduleLane {
    /// An item waiting for its turn.
    struct Entry: Comparable {
        let slot: Int
        /// Distinguishes successive buckets in the same slot.
        let generation: UInt32
        /// The start of the interval to the due time; for an item that was never requested, the time when it was listed.
        let base: Duration
        /// The ``WorkClock`` at ``base``.
        let worked: Duration
        var isSuspect = false
        var hasBeenAttempted = false
        /// The number of consecutive failures.
        fileprivate var failures = 0
        fileprivate var validity: Range<Date>?

        /// When it was last requested; distinguishes entries with the same base.
        fileprivate var askedAt = Duration.zero

        static func < (left: Entry, right: Entry) -> Bool { (left.base, left.askedAt) < (right.base, right.askedAt) }
        static func == (left: Entry, right: Entry) -> Bool { (left.base, left.askedAt) == (right.base, right.askedAt) }
    }

    let timing: ItemTiming
    var cycle = CycleTime()
    /// Whether any of its items has been requested.
    private(set) var hasBeenAttempted = false

    private var waiting = Heap<Entry>()
    /// Items whose last request timed out.
    private var suspects = Heap<Entry>()
    private var generations: [UInt32] = []
    private static let always = Date.distantPast..<Date.distantFuture
    /// The calendar times at which all observations are valid.
    private var allValid = ScheduleLane.always

    init(_ timing: ItemTiming) {
        self.timing = timing
    }

    /// How long an observation is currently served.
    var servedFor: Duration { timing.servedFor(cycle: cycle.value) }

    // MARK: Items

    /// Adds an item. The schedule queues its first turn.
    mutating func add(slot: Int, at now: Duration, worked: Duration) -> Entry {
        if slot >= generations.count {
            generations.append(contentsOf: repeatElement(0, count: slot + 1 - generations.count))
        }
        generations[slot] &+= 1
        return Entry(slot: slot, generation: generations[slot], base: now, worked: worked)
    }

    /// Adds an item that is due immediately.
    mutating func addDue(slot: Int) {
        let entry = add(slot: slot, at: .seconds(Int64.min / 4), worked: .zero)
        waiting.insert(entry)
    }

    /// - Returns: the generation of the removed item.
    mutating func remove(slot: Int) -> UInt32 {
        defer { generations[slot] &+= 1 }
        return generations[slot]
    }

    /// Whether the item still exists.
    func isListed(_ entry: Entry) -> Bool { generations[entry.slot] == entry.generation }

    // MARK: Turns

    /// Whether an item is due, ignoring items that timed out last time.
    mutating func hasDue(upTo horizon: Duration) -> Bool { Self.dropUnlisted(from: &waiting, generations, timing, upTo: horizon) }

    /// Whether an item that timed out last time is due.
    mutating func hasDueSuspect(upTo horizon: Duration) -> Bool {
        Self.dropUnlisted(from: &suspects, generations, timing, upTo: horizon)
    }

    mutating func takeDue(upTo horizon: Duration) -> Entry? {
        Self.dropUnlisted(from: &waiting, generations, timing, upTo: horizon) ? waiting.popMin() : nil
    }

    mutating func takeSuspect(upTo horizon: Duration) -> Entry? {
        Self.dropUnlisted(from: &suspects, generations, timing, upTo: horizon) ? suspects.popMin() : nil
    }

    /// Removes deleted items from the front of a queue.
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

    /// Takes the items whose observations have become invalid.
    mutating func takeEnded(at date: Date) -> [Entry] {
        guard !allValid.contains(date) else { return [] }
        var ended: [Entry] = []
        func rest(of queue: Heap<Entry>) -> Heap<Entry> {
            Heap(
                queue.unordered.filter { entry in
                    guard let validity = entry.validity, !validity.contains(date) else { return true }
                    ended.append(entry)
                    return false
                })
        }
        waiting = rest(of: waiting)
        suspects = rest(of: suspects)
        allValid = waiting.unordered.lazy.compactMap(\.validity).reduce(Self.always) { $0.clamped(to: $1) }
        return ended.sorted()
    }

    /// Records a successful request.
    /// - Parameter validity: the calendar times at which the data is valid; nil if it only ages.
    mutating func attempted(_ request: Schedule.UnderWay, validity: Range<Date>?) {
        hasBeenAttempted = true
        guard isListed(request.entry) else { return }
        if let validity { allValid = allValid.clamped(to: validity) }
        putBack(
            Entry(
                slot: request.entry.slot, generation: request.entry.generation, base: request.base, worked: request.worked,
                hasBeenAttempted: true, validity: validity, askedAt: request.askedAt))
    }

    /// Records a failed request.
    /// - Parameter failures: the number of consecutive failures that determines the delay of the next attempt; nil for one more than
    ///   before.
    mutating func failed(_ request: Schedule.UnderWay, timedOut: Bool = false, failures: Int? = nil) {
        hasBeenAttempted = true
        guard isListed(request.entry) else { return }
        let failures = failures ?? request.entry.failures + 1
        putBack(
            Entry(
                slot: request.entry.slot, generation: request.entry.generation,
                base: timing.base(request.base, afterFailures: failures), worked: request.worked, isSuspect: timedOut,
                hasBeenAttempted: true, failures: failures, askedAt: request.askedAt))
    }

    /// Returns an item to its queue.
    mutating func putBack(_ entry: Entry) {
        if entry.isSuspect { suspects.insert(entry) } else { waiting.insert(entry) }
    }

    // MARK: Measures

    /// The age of the first item's last attempt, in lifetimes.
    func overdueShare(at now: Duration) -> Double {
        waiting.min.map { timing.overdueShare(age: now - $0.base) } ?? 0
    }

    /// The fraction of its serving time that the first item has used up.
    func servingShare(at now: Duration) -> Double {
        waiting.min.map { (now - $0.base) / servedFor } ?? 0
    }

    /// How many items are due.
    func dueCount(upTo horizon: Duration) -> Int {
        waiting.unordered.count { timing.due(after: $0.base) <= horizon }
    }

    /// When the first item is due; nil without items.
    var nextDue: Duration? {
        [waiting.min, suspects.min].compactMap { $0.map { timing.due(after: $0.base) } }.min()
    }
}
