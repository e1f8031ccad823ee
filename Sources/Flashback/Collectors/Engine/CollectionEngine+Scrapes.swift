internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import NIOConcurrencyHelpers

/// What a scrape waits for, and what it gets.
extension CollectionEngine {
    /// How often a scrape considers anew whether what is queued can be expected in time.
    private static let reconsideration = Duration.milliseconds(250)

    /// Queues what is due and waits for as much of it as can be expected in time.
    func collect(within timeout: Duration?) async {
        want()
        let time = context.time
        let deadline = timeout.map { time.uptime + $0 }
        while !Task.isCancelled, let wakeUp = patience(until: deadline) {
            let signal = settled
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await signal.wait() }
                group.addTask { try? await time.sleep(until: wakeUp) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Until when a scrape waits before it considers that again; nil if it waits no longer.
    private func patience(until deadline: Duration?) -> Duration? {
        let moment = context.time.moment
        guard let deadline else {
            let isDone = schedule.underWay.isEmpty && !schedule.hasWork(at: moment.date, upTo: horizon)
            return isDone ? nil : .seconds(Int64.max / 4)
        }
        guard moment.uptime < deadline else { return nil }
        guard schedule.hasDue(at: moment.date, upTo: horizon) else {
            return limitOfRequests(at: moment.uptime, deadline: deadline).map { min($0, deadline) }
        }
        if expectsQueue(by: deadline, at: moment.uptime) { return min(moment.uptime + Self.reconsideration, deadline) }
        // One request about a bucket follows the other: what is under way is no reason to wait either.
        return limitOfRequests(aboutBuckets: false, at: moment.uptime, deadline: deadline).map { min($0, deadline) }
    }

    /// When the first of the requests under way takes unusually long, after which no scrape waits for it; nil if all do.
    private func limitOfRequests(aboutBuckets: Bool = true, at now: Duration, deadline: Duration) -> Duration? {
        var first: Duration?
        for (item, request) in schedule.underWay {
            let kind = Schedule.Kind(of: item)
            if !kind.isAccount, !aboutBuckets { continue }
            let limit = usualDurations[kind]?.limit.map { request.askedAt + $0 }
            // What timed out last time is not waited for, except for the few requests about the account if they are fast again.
            let end = request.isSuspect ? (kind.isAccount ? limit : nil) : limit ?? deadline
            if let end, end > now { first = min(first ?? end, end) }
        }
        return first
    }

    /// Whether what is queued can be expected by a deadline. Where something was never read, every answer is worth the wait.
    private func expectsQueue(by deadline: Duration, at now: Duration) -> Bool {
        let budget = context.client.budget
        if let end = budget.pauseEnd, end >= deadline { return false }
        if schedule.hasDueAccount(upTo: horizon) || schedule.hasNeverRead() { return true }
        let means = usualDurations.compactMap { $0.key.isAccount ? nil : $0.value.mean?.inSeconds }
        guard let mean = means.max() else { return true }
        let rate = min(budget.currentRate ?? .infinity, Double(budget.currentConcurrency) / max(mean, 1e-6))
        return now + .seconds(Double(schedule.dueCount(upTo: horizon)) / rate) <= deadline
    }

    /// Wakes the scrapes that wait, if nothing is left that they would wait for, or if the API asked for a pause, which may be longer
    /// than they can wait.
    /// - Parameter hasFailure: whether a request has failed just now.
    func completeIfSettled(at moment: Moment, hasFailure: Bool) {
        let isSettled =
            !schedule.hasDue(at: moment.date, upTo: horizon)
            && (limitOfRequests(at: moment.uptime, deadline: .seconds(Int64.max / 4)) == nil || schedule.underWay.isEmpty)
        if isSettled, listReport.hasRun { readiness.withLockedValue { $0 = true } }
        guard isSettled || hasFailure && context.client.budget.pauseEnd != nil else { return }
        settled.complete()
        settled = CompletionSignal()
    }

    // MARK: Publication

    /// A snapshot of what is known now, written once for all that ask for it at the same time.
    func publish() async -> MetricSnapshot {
        if let snapshot = published.current(at: context.time.moment) { return snapshot }
        if let begunBefore = publication {
            _ = await begunBefore.value
            // What was begun since has everything in it that was known when this was called.
            if let publication { return await publication.value }
        }
        let publication = Task { await writeSnapshot() }
        self.publication = publication
        return await publication.value
    }

    private func writeSnapshot() async -> MetricSnapshot {
        defer { publication = nil }
        let moment = context.time.moment
        let changes = published.changes
        updateReports()
        let (listReport, answeredReports, requestingReports) = (listReport, answeredReports, requestingReports)
        let listEnd = listRequestedAt.map { $0 + listReport.servedFor }
        let hasList = listEnd.map { moment.uptime <= $0 } ?? false
        let reports = (listColumn == nil ? [] : [listReport]) + answeredReports + requestingReports
        let output = await writer.snapshot(
            SnapshotWriter.Terms(servedFor: reports.map(\.servedFor), hasList: hasList), at: moment)
        let own = CollectorFamilies.rendered(context.account, list: listReport, isListServed: hasList, reports: reports)
        let limits = LimitFamilies.rendered(
            context.account, list: listReport, perBucket: requestingReports, context.selection)
        let snapshot = MetricSnapshot(own + output.families + (await APIFamilies.rendered(context)) + limits)
        published.publish(
            snapshot, with: changes,
            servableUntil: hasList ? min(output.servableUntil, listEnd ?? output.servableUntil) : output.servableUntil,
            validUntil: output.validUntil, freshUntil: freshUntil)
        return snapshot
    }

    /// Until when no scrape has anything to wait for; always in the past in background mode, where none waits.
    private var freshUntil: Duration {
        let moment = context.time.moment
        if mode == .background || limitOfRequests(at: moment.uptime, deadline: .seconds(Int64.max / 4)) != nil { return .zero }
        return schedule.nextDue(at: moment.date)
    }

    // MARK: Writing ahead

    /// Has a range written whose answers are all there, while others are awaited.
    func writeAhead(_ range: Int, of column: Int) {
        writeAhead?.yield(RangeToWrite(range: range, column: column, servedFor: servedFor(column)))
    }

    func writeAhead(_ range: Int, ofLane lane: Int) {
        writeAhead(range, of: columns.count - requestingColumns.count + lane)
    }

    private func servedFor(_ column: Int) -> Duration {
        let lane = column - (columns.count - requestingColumns.count)
        if lane >= 0 { return schedule.freshness(of: Schedule.Kind(isAccount: false, index: lane)).servedFor }
        let offset = listColumn == nil ? 1 : 0
        return schedule.freshness(of: Schedule.Kind(isAccount: true, index: column + offset)).servedFor
    }
}

/// A range of a column to write before a snapshot asks for it.
struct RangeToWrite: Sendable {
    let range: Int
    let column: Int
    let servedFor: Duration
}

/// Which range of buckets a collector's requests are about, which go through the ranges one after the other.
struct RangeProgress {
    private var current: Int?
    /// By range.
    private var underWay: [Int: Int] = [:]

    /// A request about a bucket of a range began.
    /// - Returns: the range that it left behind, if all of its answers are there.
    mutating func began(_ range: Int) -> Int? {
        defer { current = range }
        underWay[range, default: 0] += 1
        guard let current, current != range, underWay[current] == nil else { return nil }
        return current
    }

    /// A request about a bucket of a range ended.
    /// - Returns: whether the range was left behind, and all of its answers are there.
    mutating func ended(_ range: Int) -> Bool {
        let left = (underWay[range] ?? 0) - 1
        underWay[range] = left > 0 ? left : nil
        return left <= 0 && range != current
    }
}
