internal import DequeModule
internal import FoundationEssentials

/// What is to be requested next: the one queue of the collection. A value without clock or tasks; ``CollectionEngine`` works it off.
///
/// An item is *due* when its last attempt, successful or not, is a lifetime old. In this order the schedule hands out what is due:
/// 1. requests about the account as a whole, the bucket list first;
/// 2. items whose last request timed out, of which few may be under way at once: they would keep places from the others;
/// 3. in turns, items that were never requested and items whose observation soon may not be served any more;
/// 4. the item that is the most overdue in relation to its lifetime.
///
/// So no collector waits for another's backlog to end, whatever the budget: each bucket's status comes round in proportion to its
/// lifetime, and so do its statistics.
struct Schedule {
    /// The share of its serving time after which an observation is renewed before others are read for the first time.
    private static let urgentShare = 0.75

    private var accounts: [ScheduleLane]
    private var lanes: [ScheduleLane]
    private let places: Int
    /// Items of any lane that were never requested, or not since their observation's day ended; in the order of the list.
    private var unread: Deque<(lane: Int, entry: ScheduleLane.Entry)> = []
    private var clock = WorkClock()
    private var tookUnread = false
    /// By item: few are under way at once.
    private(set) var underWay: [Item: UnderWay] = [:]
    private var suspectsUnderWay = 0

    /// Whether buckets are requested: not before the list was read, nor while it cannot be.
    var requestsBuckets = false

    /// - Parameters:
    ///   - accounts: the timing of each request about the account, the list's first.
    ///   - lanes: that of each collector that makes a request for each bucket.
    ///   - places: the most requests at once.
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

    /// Buckets that were not listed before.
    mutating func add(slots: [Int], at now: Duration) {
        let worked = clock.value(at: now)
        for slot in slots {
            for lane in lanes.indices {
                unread.append((lane, lanes[lane].add(slot: slot, at: now, worked: worked)))
            }
        }
    }

    /// A bucket that is no longer listed. What is under way about it ends by itself.
    mutating func remove(slot: Int) {
        for lane in lanes.indices {
            let item = Item.bucket(lane: lane, slot: slot, generation: lanes[lane].remove(slot: slot))
            if underWay.removeValue(forKey: item)?.isSuspect == true { suspectsUnderWay -= 1 }
        }
    }

    // MARK: Taking

    /// The next item to request, which is under way from now on.
    /// - Parameter horizon: what fell due after this time is not wanted yet.
    mutating func next(at now: Duration, _ date: Date, upTo horizon: Duration) -> Item? {
        renewEnded(at: date)
        guard let turn = take(at: now, upTo: horizon) else { return nil }
        let (item, entry) = (turn.item, turn.entry)
        let (timing, worked) = (timing(of: item), clock.value(at: now))
        // The age of an item that is read for the first time is the wait for its turn.
        let age = worked - entry.worked + (entry.hasBeenAttempted ? .zero : timing.lifetime)
        underWay[item] = UnderWay(
            askedAt: now, isSuspect: entry.isSuspect, base: timing.base(askedAt: now, horizon: horizon),
            age: max(age, timing.lifetime), worked: worked, entry: entry, wasUnread: turn.wasUnread)
        if entry.isSuspect { suspectsUnderWay += 1 }
        clock.took(at: now, leavesWork: hasDue(at: date, upTo: horizon))
        return item
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

    private typealias Turn = (item: Item, entry: ScheduleLane.Entry, wasUnread: Bool)

    private mutating func take(at now: Duration, upTo horizon: Duration) -> Turn? {
        for index in accounts.indices where index == 0 || hasAskedForList {
            if let entry = accounts[index].takeDue(upTo: horizon) ?? accounts[index].takeSuspect(upTo: horizon) {
                return (.account(index), entry, false)
            }
        }
        guard requestsBuckets else { return nil }
        if let suspect = takeSuspect(upTo: horizon) { return suspect }
        var urgent = firstLane(upTo: horizon) { $0.servingShare(at: now) }
        // What may not be served any more has nothing left to lose.
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

    private func turn(of entry: ScheduleLane.Entry, in lane: Int, wasUnread: Bool = false) -> Turn {
        (.bucket(lane: lane, slot: entry.slot, generation: entry.generation), entry, wasUnread)
    }

    /// Whether the list has been requested, with whatever success. Everything else follows it, so that a bucket that the totals
    /// leave out is known to have been listed before.
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

    /// Whether items wait for their first turn.
    private mutating func hasUnread() -> Bool {
        while let (lane, entry) = unread.first {
            if lanes[lane].isListed(entry) { return true }
            unread.removeFirst()
        }
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

    /// What was read of a day that is over has to be read anew.
    private mutating func renewEnded(at date: Date) {
        for lane in lanes.indices {
            for entry in lanes[lane].takeEnded(at: date) { unread.append((lane, entry)) }
        }
    }

    // MARK: Endings

    /// A request ended.
    mutating func ended(_ item: Item, _ ending: Ending, at now: Duration) {
        // About a bucket that was removed meanwhile there is nothing to note.
        guard let request = underWay.removeValue(forKey: item) else { return }
        if request.isSuspect { suspectsUnderWay -= 1 }
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
            case .succeeded(let validUntil):
                lane.cycle.renewed(after: request.age, at: now)
                lane.attempted(request, validUntil: validUntil)
            }
        }
    }

    // MARK: What there is to do

    /// Whether anything is due besides buckets whose request timed out last time, for which no scrape waits.
    mutating func hasDue(at date: Date, upTo horizon: Duration) -> Bool {
        if hasDueAccount(upTo: horizon) { return true }
        guard requestsBuckets else { return false }
        renewEnded(at: date)
        if hasUnread() { return true }
        for lane in lanes.indices where lanes[lane].hasDue(upTo: horizon) { return true }
        return false
    }

    /// Whether anything of a collector is due.
    mutating func hasDue(lane: Int, upTo horizon: Duration) -> Bool {
        requestsBuckets && (lanes[lane].hasDue(upTo: horizon) || unread.contains { $0.lane == lane })
    }

    /// Whether a request about the account as a whole is due; of these also one that timed out last time.
    mutating func hasDueAccount(upTo horizon: Duration) -> Bool {
        for index in accounts.indices where index == 0 || hasAskedForList {
            if accounts[index].hasDue(upTo: horizon) || accounts[index].hasDueSuspect(upTo: horizon) { return true }
        }
        return false
    }

    /// Whether anything can be taken now or later without another falling due: also items that timed out last time.
    mutating func hasWork(at date: Date, upTo horizon: Duration) -> Bool {
        hasDue(at: date, upTo: horizon) || nextDue(at: date) <= horizon
    }

    /// Whether items of buckets wait for their first turn.
    mutating func hasNeverRead() -> Bool { requestsBuckets && hasUnread() }

    /// How many items of buckets are due.
    func dueCount(upTo horizon: Duration) -> Int {
        requestsBuckets ? lanes.reduce(unread.count) { $0 + $1.dueCount(upTo: horizon) } : 0
    }

    /// When the first item falls due.
    mutating func nextDue(at date: Date) -> Duration {
        renewEnded(at: date)
        if requestsBuckets, hasUnread() { return .zero }
        let considered = accounts[..<(hasAskedForList ? accounts.count : 1)] + (requestsBuckets ? lanes : [])
        return considered.compactMap(\.nextDue).min() ?? .seconds(Int64.max / 4)
    }

    /// How long an observation is served now, and how long its kind takes to come round; the latter nil before it did.
    func freshness(of kind: Kind) -> (servedFor: Duration, cycle: Duration?) {
        let lane = kind.isAccount ? accounts[kind.index] : lanes[kind.index]
        return (lane.servedFor, lane.cycle.value)
    }

}
