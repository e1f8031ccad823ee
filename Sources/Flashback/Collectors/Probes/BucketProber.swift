package import Basics
package import Exposition
package import FlashbackAPI
internal import FoundationEssentials
package import Logging

/// How often a bucket is probed, and how many buckets at a time.
package struct ProbeLimits: Sendable, Hashable {
    /// The minimum time between two probes of the same bucket. Within it, the latest result is returned again.
    package var interval = Duration.seconds(30)
    /// The maximum number of concurrent probes of an account.
    package var concurrency = 4

    package init() {}
}

/// Probes an account's buckets: one probe per bucket at a time, whose result all simultaneous callers share.
///
/// A probe takes a place in the account's request budget. Probes take at most half of the places that the budget currently has, so that the
/// collection always makes progress.
package actor BucketProber {
    /// The latest probe of a bucket.
    private struct Probe {
        /// Completes at the end of the probe.
        let end = CompletionSignal()
        /// Nil while it is under way.
        var result: ProbeResult?
        /// The steady time at which the request was sent; nil without a request.
        var sentAt: Duration?

        /// The result for a caller whose time limit has passed.
        func unfinishedResult(_ time: TimeSource) -> ProbeResult {
            guard let sentAt else { return ProbeResult(.busy) }
            var result = ProbeResult(.timeout)
            result.duration = time.uptime - sentAt
            result.sentAt = time.date(at: sentAt)
            return result
        }
    }

    private let client: FlashbackClient
    private let account: AccountLabel
    private let time: TimeSource
    private let logger: Logger
    private var probes: [Identifier: Probe] = [:]
    /// The number of probes at which old ones are discarded.
    private var maximumProbes = 64
    private var underWay = 0
    /// Completes when a place for a probe becomes free, and is then replaced.
    private var placeFreed = CompletionSignal()
    /// By result; empty until the first probe has ended.
    private var counts: [String: Int64] = [:]
    /// When all counts were last 0: the time of the last reading before the first probe ended.
    private var countStart: Date

    /// - Parameters:
    ///   - account: the account's name for the label `account`; nil when there is only one.
    ///   - metrics: which of the prober's own families are exported.
    package init(
        client: FlashbackClient, account: Identifier? = nil, metrics: MetricSelection = MetricSelection(), time: TimeSource,
        logger: Logger
    ) {
        self.client = client
        self.account = AccountLabel(account, selection: metrics)
        self.time = time
        self.logger = logger
        countStart = time.now
    }

    /// Probes a bucket, or returns the result of a probe that is recent enough.
    /// - Parameters:
    ///   - bucketID: a listed bucket.
    ///   - timeout: how long the caller waits.
    package func probe(_ bucketID: Identifier, within timeout: Duration, _ limits: ProbeLimits) async -> ProbeResult {
        let deadline = time.uptime + timeout
        while true {
            let shared = probes[bucketID].flatMap { isCurrent($0, limits) ? $0 : nil }
            let probe = shared ?? begin(bucketID, until: deadline, limits)
            if let result = probe.result { return result }
            await probe.end.wait(until: deadline, time)
            let latest = probes[bucketID].flatMap { $0.end === probe.end ? $0 : nil } ?? probe
            guard let result = latest.result else { return latest.unfinishedResult(time) }
            // The caller that began the probe could not wait as long for a place as this caller can.
            if shared != nil, result.failure == .busy, time.uptime < deadline { continue }
            return result
        }
    }

    /// Whether a probe is under way, or its result is recent enough.
    private func isCurrent(_ probe: Probe, _ limits: ProbeLimits) -> Bool {
        if probe.result == nil { return true }
        return probe.sentAt.map { time.uptime < $0 + limits.interval } ?? false
    }

    private func begin(_ bucketID: Identifier, until deadline: Duration, _ limits: ProbeLimits) -> Probe {
        if probes.count >= maximumProbes {
            probes = probes.filter { isCurrent($0.value, limits) }
            maximumProbes = max(64, 2 * probes.count)
        }
        let probe = Probe()
        probes[bucketID] = probe
        // A separate task, because the caller may be cancelled while others wait for the result.
        Task {
            let (result, sentAt) = await carryOut(bucketID, until: deadline, limits)
            probes[bucketID]?.result = result
            probes[bucketID]?.sentAt = sentAt
            note(result)
            probe.end.complete()
        }
        return probe
    }

    private func carryOut(
        _ bucketID: Identifier, until deadline: Duration, _ limits: ProbeLimits
    ) async -> (result: ProbeResult, sentAt: Duration?) {
        guard await takePlace(until: deadline, limits) else { return (ProbeResult(.busy), nil) }
        defer { leavePlace() }
        let reserved: ReservedPlace
        switch await reservedPlace(until: deadline) {
        case .success(let place): reserved = place
        case .failure(let failure): return (ProbeResult(failure), nil)
        }
        defer { reserved.giveBack() }
        let (sentAt, date) = (time.uptime, time.now)
        probes[bucketID]?.sentAt = sentAt
        var result: ProbeResult
        do throws(APIError) {
            let client = client.using(reserved).limited(to: deadline - sentAt)
            result = ProbeResult(try await client.send(ValidateBucket(bucketID: bucketID)))
        } catch {
            logger.debug("probe failed", metadata: ["bucket_id": "\(bucketID)", "err": "\(error)"])
            result = ProbeResult(ProbeFailure(error))
            // A call that ended without a request says nothing about the bucket, and the next caller may try again.
            if !error.isAttempt { return (result, nil) }
        }
        result.duration = time.uptime - sentAt
        result.sentAt = date
        return (result, sentAt)
    }

    // MARK: Places

    /// Waits until one more probe is allowed.
    /// - Returns: false if no place became free in time.
    private func takePlace(until deadline: Duration, _ limits: ProbeLimits) async -> Bool {
        while underWay >= min(limits.concurrency, max(1, client.budget.currentConcurrency / 2)) {
            if time.uptime >= deadline { return false }
            await placeFreed.wait(until: deadline, time)
        }
        if time.uptime >= deadline { return false }
        underWay += 1
        return true
    }

    private func leavePlace() {
        underWay -= 1
        placeFreed.complete()
        placeFreed = CompletionSignal()
    }

    /// Waits for a place in the request budget.
    private func reservedPlace(until deadline: Duration) async -> Result<ReservedPlace, ProbeFailure> {
        let budget = client.budget
        return await withTaskGroup(of: Result<ReservedPlace, ProbeFailure>.self) { [time] group in
            group.addTask {
                do throws(RequestBudget.AcquireError) {
                    return .success(ReservedPlace(try await budget.acquire(until: deadline), in: budget))
                } catch {
                    return .failure(error == .cancelled ? .busy : .throttled)
                }
            }
            group.addTask {
                try? await time.sleep(until: deadline)
                return .failure(.busy)
            }
            let first = await group.next() ?? .failure(.busy)
            group.cancelAll()
            // A place that was granted too late is returned.
            for await case .success(let late) in group { late.giveBack() }
            return first
        }
    }

    // MARK: Metrics

    private func note(_ result: ProbeResult) {
        counts[result.failure?.rawValue ?? ProbeCountFamilies.success, default: 0] += 1
    }

    /// The samples of ``ProbeCountFamilies``; none before the first probe has ended.
    package func rendered() -> [RenderedFamily] {
        if counts.isEmpty {
            countStart = time.now
            return []
        }
        var samples = account.writer(of: ProbeCountFamilies.self)
        for result in [ProbeCountFamilies.success] + ProbeFailure.allCases.map(\.rawValue) {
            samples.append(.probes, LabelBlock(["result": result]), value: .integer(counts[result] ?? 0), since: countStart)
        }
        return samples.rendered()
    }
}

/// Counts of the probes, for the exporter's own metrics.
package enum ProbeCountFamilies: Int, MetricFamilySet {
    case probes

    /// The label of a successful probe.
    static let success = "success"

    package var family: MetricFamily {
        switch self {
        case .probes:
            MetricFamily(
                "flashback_exporter_probes_total", .counter,
                help: "Probes of buckets by result: success, or the reason of the failure; absent before the first one.",
                labelNames: ["result"])
        }
    }
}
