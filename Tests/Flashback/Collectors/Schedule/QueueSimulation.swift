import Basics
import FlashbackAPI
import Foundation
import TestSupport

@testable import FlashbackCollectors

/// Processes a ``Schedule`` in simulated time, like an engine in background mode with a number of places, but without an API.
struct QueueSimulation {
    /// The outcome of an item's request.
    enum Outcome {
        case succeeds, fails, timesOut, lacksToken
    }

    /// A collector with one request per bucket.
    struct Lane {
        let lifetime: Duration
        var maxStale = Duration.seconds(120)
    }

    private struct Request {
        let end: Duration
        let item: Schedule.Item
        let outcome: Outcome
    }

    private(set) var schedule: Schedule
    private(set) var now = Duration.zero
    private let places: Int
    private let lanes: [Lane]
    private let start: Date
    private var requests: [Request] = []
    private var listed: Set<Int> = []
    /// When each item's observation was requested, by lane and slot.
    private(set) var observedAt: [[Int: Duration]]
    /// By lane, the longest time between two attempts of an item since the last call of ``resetGaps()``.
    private(set) var longestGap: [Duration]
    private var attemptedAt: [[Int: Duration]]
    /// By lane, the number of requests made about buckets.
    private(set) var made: [Int]

    /// The duration of a request, and its outcome.
    var service: (Schedule.Item, Duration) -> (Duration, Outcome)
    /// Until when no request may begin.
    var pausedUntil = Duration.zero
    /// By lane, when data that is read at a time becomes invalid.
    var end: (Int, Date) -> Date? = { _, _ in nil }

    init(
        lanes: [Lane], places: Int, start: Date = Date(timeIntervalSince1970: 1_705_314_600),
        service: @escaping (Schedule.Item, Duration) -> (Duration, Outcome)
    ) {
        func timing(_ lane: Lane) -> ItemTiming {
            ItemTiming(CollectorLifetime(fresh: lane.lifetime, stale: lane.maxStale), mode: .background)
        }
        schedule = Schedule(
            accounts: [timing(Lane(lifetime: .seconds(30)))], lanes: lanes.map(timing), places: places)
        self.lanes = lanes
        self.places = places
        self.start = start
        self.service = service
        observedAt = Array(repeating: [:], count: lanes.count)
        attemptedAt = observedAt
        longestGap = Array(repeating: .zero, count: lanes.count)
        made = Array(repeating: 0, count: lanes.count)
    }

    var date: Date { start + now.inSeconds }

    // MARK: Buckets

    mutating func add(_ slots: some Sequence<Int>) {
        listed.formUnion(slots)
        schedule.requestsBuckets = true
        schedule.add(slots: Array(slots), at: now)
    }

    mutating func remove(_ slots: some Sequence<Int>) {
        for slot in slots {
            listed.remove(slot)
            schedule.remove(slot: slot)
            for lane in lanes.indices {
                observedAt[lane][slot] = nil
                attemptedAt[lane][slot] = nil
            }
        }
    }

    /// Makes the list unreadable, or readable again.
    mutating func setListReadable(_ isReadable: Bool) { schedule.requestsBuckets = isReadable }

    // MARK: Running

    mutating func resetGaps() { longestGap = Array(repeating: .zero, count: lanes.count) }

    /// Advances the time. Requests begin when places are free, and end when their time has come.
    mutating func run(for duration: Duration, everyStep check: (QueueSimulation) -> Void = { _ in }) {
        let stop = now + duration
        while true {
            begin()
            let nextEnd = requests.map(\.end).min()
            var next = min(nextEnd ?? stop, stop)
            if requests.count < places {
                next = min(next, max(schedule.nextDue(at: date), now + .milliseconds(1)))
            }
            if pausedUntil > now { next = min(nextEnd ?? pausedUntil, min(pausedUntil, stop)) }
            now = min(next, stop)
            for request in requests.filter({ $0.end <= now }) { finish(request) }
            requests.removeAll { $0.end <= now }
            check(self)
            if now >= stop { return }
        }
    }

    private mutating func begin() {
        while requests.count < places, now >= pausedUntil, let item = schedule.next(at: now, date, upTo: now) {
            let (duration, outcome) = service(item, now)
            if case .bucket(let lane, let slot, _) = item {
                made[lane] += 1
                if let before = attemptedAt[lane][slot] { longestGap[lane] = max(longestGap[lane], now - before) }
                attemptedAt[lane][slot] = now
            }
            requests.append(Request(end: now + max(duration, .nanoseconds(1)), item: item, outcome: outcome))
        }
    }

    private mutating func finish(_ request: Request) {
        guard let askedAt = schedule.underWay[request.item]?.askedAt else { return }
        switch (request.outcome, request.item) {
        case (.succeeds, .bucket(let lane, let slot, _)):
            if listed.contains(slot) { observedAt[lane][slot] = askedAt }
            let end = end(lane, start + askedAt.inSeconds)
            schedule.ended(request.item, .succeeded(validity: end.map { .distantPast..<$0 }), at: now)
        case (.succeeds, .account): schedule.ended(request.item, .succeeded(validity: nil), at: now)
        case (.fails, _): schedule.ended(request.item, .failed(timedOut: false), at: now)
        case (.timesOut, _): schedule.ended(request.item, .failed(timedOut: true), at: now)
        case (.lacksToken, _): schedule.ended(request.item, .lackedToken, at: now)
        }
    }

    // MARK: What is served

    /// How many of the listed buckets have an observation in a lane that may be served.
    func served(_ lane: Int) -> Int {
        let (servedFor, _) = schedule.freshness(of: Schedule.Kind(isAccount: false, index: lane))
        return observedAt[lane].values.count { now - $0 <= servedFor }
    }
}
