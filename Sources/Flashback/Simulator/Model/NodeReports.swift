/// The nodes' reports on one bucket, based on the schedule, whether the bucket is ill, and a test's overrides.
///
/// An override takes effect when it is set: earlier reports follow the schedule. Once it is removed, all reports do.
struct NodeReports {
    let random: SeededRandom
    let bucket: StoredBucket
    let overrides: [String: NodeStatusOverride]

    /// A node's latest report.
    struct Report {
        /// Nil when a test has set an undocumented status word.
        let status: NodeStatus?
        let orderedWord: String?
        let lastUpdated: Timestamp
        let latencyMilliseconds: Int64

        /// The status word in the API's response.
        func word(_ dialect: APIDialect) -> String {
            orderedWord ?? dialect.word(status ?? .offline)
        }
    }

    /// A node's statistics for one UTC day, up to now.
    struct Day {
        /// 0…100.
        let uptimePercentage: Double
        let averageLatencyMilliseconds: Double
        /// The day's last report.
        let report: Report
    }

    /// A node's latest report at a given time.
    func report(of node: SimulatedNode, at time: Timestamp) -> Report {
        let schedule = NodeSchedule(random: random)
        let override = override(of: node, at: time)
        let status: NodeStatus?
        var reported = time
        var measured = time
        if let override {
            status = NodeStatus(rawValue: override.word)
            if status == .offline { reported = override.since }
            if status == .offline || status == .disconnected { measured = override.since }
        } else if let outage = schedule.outage(of: node.number, for: bucket.number, at: time) {
            status = outage.status
            if outage.status == .offline { reported = Timestamp(milliseconds: outage.start.milliseconds - 1) }
            measured = Timestamp(milliseconds: outage.start.milliseconds - 1)
        } else {
            status = bucket.isIll ? .disconnected : .online
        }
        if bucket.isIll, status != .online { measured = bucket.createdAt }
        let latency = Latency(random: random)
        return Report(
            status: status, orderedWord: status == nil ? override?.word : nil,
            lastUpdated: schedule.report(of: node.number, before: reported),
            latencyMilliseconds: latency.measured(
                by: node.number, for: bucket.number, at: schedule.report(of: node.number, before: measured)))
    }

    /// A node's UTC day so far; nil for a day that has not begun, or that ended before the bucket was created.
    func day(_ day: Int64, of node: SimulatedNode, now: Timestamp) -> Day? {
        let start = max(Timestamp.startOfDay(day), bucket.createdAt)
        let end = min(Timestamp.startOfDay(day + 1), now)
        guard start < end else { return nil }
        let report = report(of: node, at: end == now ? now : Timestamp(milliseconds: end.milliseconds - 1))
        let average = Latency(random: random).average(of: node.number, for: bucket.number, from: start, to: end)
        return Day(
            uptimePercentage: uptime(of: node, from: start, to: end),
            averageLatencyMilliseconds: bucket.isIll ? Double(report.latencyMilliseconds) : average,
            report: report)
    }

    /// The status of the whole bucket: the best status among its nodes.
    func bucketStatus(_ nodes: [SimulatedNode], at time: Timestamp) -> (word: NodeStatus, lastStatusAt: Timestamp) {
        var best = NodeStatus.offline
        var last = bucket.createdAt
        for node in nodes {
            let report = report(of: node, at: time)
            last = max(last, report.lastUpdated)
            if report.status == .online {
                best = .online
            } else if report.status == .disconnected, best == .offline {
                best = .disconnected
            }
        }
        return (best, last)
    }

    private func uptime(of node: SimulatedNode, from start: Timestamp, to end: Timestamp) -> Double {
        let override = override(of: node, at: end)
        let scheduleEnds = override.map { min(end, max(start, $0.since)) } ?? end
        var down =
            bucket.isIll
            ? scheduleEnds.milliseconds - start.milliseconds
            : NodeSchedule(random: random).downtime(of: node.number, for: bucket.number, from: start, to: scheduleEnds)
        if let override, override.word != NodeStatus.online.rawValue { down += end.milliseconds - scheduleEnds.milliseconds }
        let share = 1 - Double(down) / Double(end.milliseconds - start.milliseconds)
        return (share * 10_000).rounded() / 100
    }

    /// An override for this bucket takes precedence over one for all buckets.
    private func override(of node: SimulatedNode, at time: Timestamp) -> NodeStatusOverride? {
        guard let override = bucket.nodeStatusOverrides[node.ip] ?? overrides[node.ip], override.since <= time else { return nil }
        return override
    }
}
