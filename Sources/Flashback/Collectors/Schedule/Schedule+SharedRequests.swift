internal import DequeModule
internal import FoundationEssentials

/// Items that share a request. Each item keeps its own due times and has its own outcome.
extension Schedule {
    /// What to do with an item that could share a request.
    enum Choice {
        case take, skip
        /// The request is full.
        case stop
    }

    /// How much earlier than due an item may be taken, so that buckets listed one after the other share a request.
    private static let maximumAdvance = Duration.seconds(5)
    /// The maximum number of items to skip in order to fill a request.
    fileprivate static let maximumSkipped = 1000

    /// Takes further items of a lane to share the request of an item just taken: those that are due or soon will be. Together they count as
    /// one request.
    /// - Parameter choose: called for each item's slot, in the order of the result.
    mutating func takeAlong(
        with first: Item, at now: Duration, _ date: Date, upTo horizon: Duration, _ choose: (Int) -> Choice
    ) -> [Item] {
        guard case .bucket(let lane, _, _) = first, let leader = underWay[first] else { return [] }
        var turns: [Turn] = []
        if leader.wasUnread { turns += takeUnread(ofLane: lane, choose) }
        let advance = leader.isSuspect ? .zero : min(lanes[lane].timing.lifetime / 8, Self.maximumAdvance)
        turns += lanes[lane].takeDue(upTo: horizon + advance, suspects: leader.isSuspect, choose).map { turn(of: $0, in: lane) }
        if !leader.wasUnread, !leader.isSuspect { turns += takeUnread(ofLane: lane, choose) }
        for turn in turns { begin(turn, at: now, upTo: horizon, isCompanion: true) }
        clock.took(at: now, leavesWork: hasDue(at: date, upTo: horizon))
        return turns.map(\.item)
    }

    private mutating func takeUnread(ofLane lane: Int, _ choose: (Int) -> Choice) -> [Turn] {
        var taken: [Turn] = []
        var left: [(lane: Int, entry: ScheduleLane.Entry)] = []
        scan: while left.count < Self.maximumSkipped, let next = unread.popFirst() {
            guard lanes[next.lane].isListed(next.entry) else { continue }
            switch next.lane == lane ? choose(next.entry.slot) : .skip {
            case .take: taken.append(turn(of: next.entry, in: lane, wasUnread: true))
            case .skip: left.append(next)
            case .stop:
                left.append(next)
                break scan
            }
        }
        unread.prepend(contentsOf: left)
        return taken
    }
}

extension ScheduleLane {
    /// Takes the due items that a closure chooses; the others stay in the queue.
    /// - Parameter areSuspects: whether to take items that timed out last time, or the others.
    fileprivate mutating func takeDue(
        upTo horizon: Duration, suspects areSuspects: Bool, _ choose: (Int) -> Schedule.Choice
    ) -> [Entry] {
        var taken: [Entry] = []
        var left: [Entry] = []
        scan: while left.count < Schedule.maximumSkipped,
            let entry = areSuspects ? takeSuspect(upTo: horizon) : takeDue(upTo: horizon)
        {
            switch choose(entry.slot) {
            case .take: taken.append(entry)
            case .skip: left.append(entry)
            case .stop:
                left.append(entry)
                break scan
            }
        }
        for entry in left { putBack(entry) }
        return taken
    }
}
