internal import DequeModule
internal import FoundationEssentials

/// Decides what to request next, as the only queue of the collection. A value without a clock or tasks, which ``CollectionEngine``
/// processes.
///
/// An item is *due* when its last attempt, successful or not, is one lifetime old. Due items are taken in this order:
/// 1. account-wide requests, the bucket list first;
/// 2. items whose last request timed out, of which only a few may be in progress at once, so that they leave places for others;
/// 3. alternating, items that were never requested and items whose observation will soon be too old to serve;
/// 4. the item that is most overdue in relation to its lifetime.
///
/// So no collector waits for another's backlog, whatever the budget: status and statistics of each bucket are renewed in
/// proportion to their lifetimes.
struct Schedule {
    /// The fraction of its serving time after which renewing an observation takes precedence over items never read.
    private static let urgentShare = 0.75

    private(set) var accounts: [ScheduleLane]
    var lanes: [ScheduleLane]
    private let places: Int
    /// Items of any lane that were never requested, or not since the day of their observation ended; in list order.
    var unread: Deque<(lane: Int, entry: ScheduleLane.Entry)> = []
    var clock = WorkClock()
    private var tookUnread = false
    /// By item; only a few are in progress at once.
    private(set) var underWay: [Item: UnderWay] = [:]
    private var suspectsUnderWay = 0

    /// Whether per-bucket requests are made: only while the list can be read.
    var requestsBuckets = false

    /// - Parameters:
    ///   - accounts: the timing of each account-wide request, the list's first.
    ///   - lanes: the timing of each collector that makes one request per bucket.
    ///   - places: the maximum number of concurrent requests.
    init(accounts: [ItemTiming], lanes: [ItemTiming], places: Int) {
        self.accounts = accounts.map { timing in
            var lane = ScheduleLane(timing)
            lane.addDue(slot: 0)
            return lane
        }
        self.lanes = lanes.map { ScheduleLane($0) }
        self.places = places
    }

    // MARK: Buckets

    /// Adds newly listed buckets.
    mutating func add(slots: [Int], at now: Duration) {
        let worked = clock.value(at: now)
        for slot in slots {
            for lane in lanes.indices {
                unread.append((lane, lanes[lane].add(slot: slot, at: now, worked: worked)))
            }
        }
    }

    /// Removes a bucket that is no longer listed. Its requests in progress run to their end.
    mutating func remove(slot: Int) {
        for lane in lanes.indices {
            let item = Item.bucket(lane: lane, slot: slot, generation: lanes[lane].remove(slot: slot))
            if underWay.removeValue(forKey: item)?.countsAsSuspect == true { suspectsUnderWay -= 1 }
        }
    }

    // MARK: Taking

    /// Takes the next item to request, which is then in progress.
    /// - Parameter horizon: items that fell due after this time are not requested yet.
    mutating func next(at now: Duration, _ date: Date, upTo horizon: Duration) -> Item? {
        renewEnded(at: date)
        guard let turn = take(at: now, upTo: horizon) else { return nil }
        begin(turn, at: now, upTo: horizon)
        clock.took(at: now, leavesWork: hasDue(at: date, upTo: horizon))
        return turn.item
    }

    mutating func begin(_ turn: Turn, at now: Duration, upTo horizon: Duration, isCompanion: Bool = false) {
        let (item, entry) = (turn.item, turn.entry)
        let (timing, worked) = (timing(of: item), clock.value(at: now))
        // For an item that is read for the first time, the age is the time that it has waited.
        let age = worked - entry.worked + (entry.hasBeenAttempted ? .zero : timing.lifetime)
        underWay[item] = UnderWay(
            askedAt: now, isSuspect: entry.isSuspect, base: timing.base(askedAt: now, horizon: horizon),
            age: max(age, timing.lifetime), worked: worked, entry: entry, wasUnread: turn.wasUnread, isCompanion: isCompanion)
        if entry.isSuspect, !isCompanion { suspectsUnderWay += 1 }
    }

    private func timing(of item: Item) -> ItemTiming {
        switch item {
        case .account(let index): accounts[index].timing
        case .bucket(let lane, _, _): lanes[lane].timing
        }
    }

    private mutating func change(_ item: Item, _ change: (inout ScheduleLane) -> Void) {
        switch item {
        case .account(let index): change(&accounts[index])
        case .bucket(let lane, _, _): change(&lanes[lane])
        }
    }

    typealias Turn = (item: Item, entry: ScheduleLane.Entry, wasUnread: Bool)

    private mutating func take(at now: Duration, upTo horizon: Duration) -> Turn? {
        for index in accounts.indices where index == 0 || hasAskedForList {
            if let entry = accounts[index].takeDue(upTo: horizon) ?? accounts[index].takeSuspect(upTo: horizon) {
                return (.account(index), entry, false)
            }
        }
        guard requestsBuckets else { return nil }
        if let suspect = takeSuspect(upTo: horizon) { return suspect }
        var urgent = firstLane(upTo: horizon) { $0.servingShare(at: now) }
        // An observation that is already too old to serve is no longer urgent.
        if let share = urgent?.measure, !(Self.urgentShare..<1).contains(share) { urgent = nil }
        if urgent == nil || !tookUnread, let first = takeUnread() {
            tookUnread = true
            return first
        }
        tookUnread = false
        guard let lane = (urgent ?? firstLane(upTo: horizon) { $0.overdueShare(at: now) })?.lane,
            let entry = lanes[lane].takeDue(upTo: horizon)
        else { return nil }
        return turn(of: entry, in: lane)
    }

    func turn(of entry: ScheduleLane.Entry, in lane: Int, wasUnread: Bool = false) -> Turn {
        (.bucket(lane: lane, slot: entry.slot, generation: entry.generation), entry, wasUnread)
    }

    /// Whether the list has been requested, successfully or not. Everything else is requested after it, so that a bucket missing
    /// from the totals is known to have been listed before.
    private var hasAskedForList: Bool { accounts[0].hasBeenAttempted }

    private mutating func takeSuspect(upTo horizon: Duration) -> Turn? {
        var hasOthers = hasUnread()
        for lane in lanes.indices where !hasOthers { hasOthers = lanes[lane].hasDue(upTo: horizon) }
        guard suspectsUnderWay < max(1, places / (hasOthers ? 8 : 2)) else { return nil }
        for lane in lanes.indices {
            if let entry = lanes[lane].takeSuspect(upTo: horizon) { return turn(of: entry, in: lane) }
        }
        return nil
    }

    private mutating func takeUnread() -> Turn? {
        guard hasUnread(), let (lane, entry) = unread.popFirst() else { return nil }
        return turn(of: entry, in: lane, wasUnread: true)
    }

    /// Whether some items have never been requested.
    private mutating func hasUnread() -> Bool {
        while let (lane, entry) = unread.first {
            if lanes[lane].isListed(entry) { return true }
            unread.removeFirst()
        }
        // Release the capacity, which is not needed after the first cycle: 4.6 MB for 10,000 buckets.
        unread = []
        return false
    }

    /// The lane whose first due item has the largest measure.
    private mutating func firstLane(
        upTo horizon: Duration, by measure: (borrowing ScheduleLane) -> Double
    ) -> (lane: Int, measure: Double)? {
        var first: (lane: Int, measure: Double)?
        for lane in lanes.indices where lanes[lane].hasDue(upTo: horizon) {
            let value = measure(lanes[lane])
            if value > first?.measure ?? -1 { first = (lane, value) }
        }
        return first
    }

    /// Queues items whose observation's day has ended.
    private mutating func renewEnded(at date: Date) {
        for lane in lanes.indices {
            for entry in lanes[lane].takeEnded(at: date) { unread.append((lane, entry)) }
        }
    }

    // MARK: Endings

    /// Records the end of a request.
    mutating func ended(_ item: Item, _ ending: Ending, at now: Duration) {
        // A bucket that was removed in the meantime has no entry.
        guard let request = underWay.removeValue(forKey: item) else { return }
        if request.countsAsSuspect { suspectsUnderWay -= 1 }
        if case .notAsked = ending, request.wasUnread, case .bucket(let lane, _, _) = item {
            unread.prepend((lane, request.entry))
            return
        }
        change(item) { lane in
            switch ending {
            case .notAsked:
                lane.putBack(request.entry)
            case .failed(let timedOut):
                lane.failed(request, timedOut: timedOut)
            case .lackedToken:
                lane.failed(request, failures: 1)
            case .succeeded(let validity):
                lane.cycle.renewed(after: request.age, at: now)
                lane.attempted(request, validity: validity)
            }
        }
    }

    // MARK: Due items

    /// Whether anything is due, except buckets whose last request timed out: scrapes do not wait for those.
    mutating func hasDue(at date: Date, upTo horizon: Duration) -> Bool {
        if hasDueAccount(upTo: horizon) { return true }
        guard requestsBuckets else { return false }
        renewEnded(at: date)
        if hasUnread() { return true }
        for lane in lanes.indices where lanes[lane].hasDue(upTo: horizon) { return true }
        return false
    }

    /// Whether any of a collector's items is due.
    mutating func hasDue(lane: Int, upTo horizon: Duration) -> Bool {
        requestsBuckets && (lanes[lane].hasDue(upTo: horizon) || unread.contains { $0.lane == lane })
    }

    /// Whether an account-wide request is due, including one that timed out last time.
    mutating func hasDueAccount(upTo horizon: Duration) -> Bool {
        for index in accounts.indices where index == 0 || hasAskedForList {
            if accounts[index].hasDue(upTo: horizon) || accounts[index].hasDueSuspect(upTo: horizon) { return true }
        }
        return false
    }

    /// Whether any item is or will be due by the horizon, including items that timed out last time.
    mutating func hasWork(at date: Date, upTo horizon: Duration) -> Bool {
        hasDue(at: date, upTo: horizon) || nextDue(at: date) <= horizon
    }

    /// Whether some buckets' items have never been requested.
    mutating func hasNeverRead() -> Bool { requestsBuckets && hasUnread() }

    /// How many per-bucket items are due.
    func dueCount(upTo horizon: Duration) -> Int {
        requestsBuckets ? lanes.reduce(unread.count) { $0 + $1.dueCount(upTo: horizon) } : 0
    }

    /// How many requests for buckets are due.
    /// - Parameter itemsPerRequest: how many items of each lane share a request.
    func dueRequests(upTo horizon: Duration, itemsPerRequest: [Int]) -> Int {
        guard requestsBuckets else { return 0 }
        var items = lanes.map { $0.dueCount(upTo: horizon) }
        for (lane, _) in unread { items[lane] += 1 }
        return zip(items, itemsPerRequest).reduce(0) { $0 + ($1.0 + $1.1 - 1) / $1.1 }
    }

    /// When the next item falls due.
    mutating func nextDue(at date: Date) -> Duration {
        renewEnded(at: date)
        if requestsBuckets, hasUnread() { return .zero }
        let considered = accounts[..<(hasAskedForList ? accounts.count : 1)] + (requestsBuckets ? lanes : [])
        return considered.compactMap(\.nextDue).min() ?? .seconds(Int64.max / 4)
    }

    /// How long an observation is currently served, and the cycle of its kind; the cycle is nil until it is known.
    func freshness(of kind: Kind) -> (servedFor: Duration, cycle: Duration?) {
        let lane = kind.isAccount ? accounts[kind.index] : lanes[kind.index]
        return (lane.servedFor, lane.cycle.value)
    }

}
