internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import NIOConcurrencyHelpers

/// What scrapes wait for, and what they return.
extension CollectionEngine {
    /// How often a waiting scrape re-evaluates whether the queue can finish in time.
    private static let reconsideration = Duration.milliseconds(250)

    /// Queues what is due and waits for as much of it as can be expected in time.
    func collect(within timeout: Duration?) async {
        want()
        let time = context.time
        let deadline = timeout.map { time.uptime + $0 }
        while !Task.isCancelled, let wakeUp = patience(until: deadline) { await settled.wait(until: wakeUp, time) }
    }

    /// When a scrape re-evaluates its wait; nil if it stops waiting.
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
        // The queue cannot finish in time, and per-bucket requests follow each other, so those in progress are no reason to wait
        // either.
        return limitOfRequests(aboutBuckets: false, at: moment.uptime, deadline: deadline).map { min($0, deadline) }
    }

    /// When the first request in progress exceeds its usual duration, after which scrapes do not wait for it; nil if none of them
    /// is worth waiting for.
    private func limitOfRequests(aboutBuckets: Bool = true, at now: Duration, deadline: Duration) -> Duration? {
        var first: Duration?
        for (item, request) in schedule.underWay {
            let kind = Schedule.Kind(of: item)
            if !kind.isAccount, !aboutBuckets { continue }
            let limit = usualDurations[kind]?.limit.map { request.askedAt + $0 }
            // A request whose predecessor timed out is not waited for, unless it is account-wide and usually fast.
            let end = request.isSuspect ? (kind.isAccount ? limit : nil) : limit ?? deadline
            if let end, end > now { first = min(first ?? end, end) }
        }
        return first
    }

    /// Whether the queue can be expected to finish by a deadline. While some items have never been read, any answer is worth
    /// waiting for.
    private func expectsQueue(by deadline: Duration, at now: Duration) -> Bool {
        let budget = context.client.budget
        if let end = budget.pauseEnd, end >= deadline { return false }
        if schedule.hasDueAccount(upTo: horizon) || schedule.hasNeverRead() { return true }
        let means = usualDurations.compactMap { $0.key.isAccount ? nil : $0.value.mean?.inSeconds }
        guard let mean = means.max() else { return true }
        let rate = min(budget.currentRate ?? .infinity, Double(budget.currentConcurrency) / max(mean, 1e-6))
        return now + .seconds(Double(dueRequests) / rate) <= deadline
    }

    /// The number of due requests for buckets.
    private var dueRequests: Int {
        guard bulkLanes.contains(where: \.isInUse) else { return schedule.dueCount(upTo: horizon) }
        return schedule.dueRequests(
            upTo: horizon, itemsPerRequest: bulkLanes.map { $0.isInUse ? BucketBatch.maximumBuckets : 1 })
    }

    /// Wakes waiting scrapes if nothing is left to wait for, or if the API asked for a pause, which may outlast their deadlines.
    /// - Parameter hasFailure: whether a request has just failed.
    func completeIfSettled(at moment: Moment, hasFailure: Bool) {
        let isSettled =
            !schedule.hasDue(at: moment.date, upTo: horizon)
            && (limitOfRequests(at: moment.uptime, deadline: .seconds(Int64.max / 4)) == nil || schedule.underWay.isEmpty)
        guard isSettled || hasFailure && context.client.budget.pauseEnd != nil else { return }
        settled.complete()
        settled = CompletionSignal()
    }

    /// Records when everything has been read once.
    func updateReadiness() {
        if !isReady, schedule.hasReadEverything { readiness.withLockedValue { $0 = true } }
    }

    // MARK: Publication

    /// A snapshot of the current data, written once for all concurrent callers.
    func publish() async -> MetricSnapshot {
        if let snapshot = published.current(at: context.time.moment) { return snapshot }
        if let begunBefore = publication {
            _ = await begunBefore.value
            // A write that began after the call includes everything known at the time of the call.
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
        let (listReport, perBucketReports, reports) = (listReport, perBucketReports, exportedReports)
        let listEnd = listRequestedAt.map { $0 + listReport.servedFor }
        let hasList = listEnd.map { moment.uptime <= $0 } ?? false
        let output = await writer.snapshot(
            SnapshotWriter.Terms(servedFor: reports.map(\.servedFor), hasList: hasList), at: moment)
        let own = CollectorFamilies.rendered(
            context.account, list: listReport, isListServed: hasList, reports: reports, since: context.client.statistics.start)
        let limits = LimitFamilies.rendered(
            context.account, list: listReport, perBucket: perBucketReports, context.selection)
        let snapshot = MetricSnapshot(
            own + output.families + (await APIFamilies.rendered(context)) + limits,
            listedPartitions: output.listedPartitions.map { [context.account.name: $0] } ?? [:])
        published.publish(
            snapshot, with: changes,
            servableUntil: hasList ? min(output.servableUntil, listEnd ?? output.servableUntil) : output.servableUntil,
            validity: output.validity, freshUntil: freshUntil)
        return snapshot
    }

    /// The steady time until which scrapes have nothing to wait for; always in the past in background mode, where scrapes never wait.
    private var freshUntil: Duration {
        let moment = context.time.moment
        if mode == .background || limitOfRequests(at: moment.uptime, deadline: .seconds(Int64.max / 4)) != nil { return .zero }
        return schedule.nextDue(at: moment.date)
    }

    // MARK: Writing ahead

    /// Starts writing a range whose answers have all arrived, while others are outstanding.
    func writeAhead(_ range: Int, of column: Int) {
        writeAhead?.yield(RangeToWrite(range: range, column: column, servedFor: servedFor(column)))
    }

    func writeAhead(_ range: Int, ofLane lane: Int) {
        writeAhead(range, of: column(ofLane: lane))
    }

    private func servedFor(_ column: Int) -> Duration {
        schedule.freshness(of: kind(ofColumn: column)).servedFor
    }
}

/// A range of a column to be written before a snapshot needs it.
struct RangeToWrite: Sendable {
    let range: Int
    let column: Int
    let servedFor: Duration
}

/// Tracks which range of buckets a collector is requesting; it goes through the ranges one after the other.
struct RangeProgress {
    private var current: Int?
    /// By range.
    private var underWay: [Int: Int] = [:]

    /// Records that a request for a bucket of a range began.
    /// - Returns: the previous range, if all of its answers have arrived.
    mutating func began(_ range: Int) -> Int? {
        defer { current = range }
        underWay[range, default: 0] += 1
        guard let current, current != range, underWay[current] == nil else { return nil }
        return current
    }

    /// Records that a request for a bucket of a range ended.
    /// - Returns: whether the range has been left and all of its answers have arrived.
    mutating func ended(_ range: Int) -> Bool {
        let left = (underWay[range] ?? 0) - 1
        underWay[range] = left > 0 ? left : nil
        return left <= 0 && range != current
    }
}
