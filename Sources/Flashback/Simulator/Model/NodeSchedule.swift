/// The times at which each node goes down and recovers. They depend only on the seed, so any time can be queried.
///
/// In each half of a day, a node may be OFFLINE once for all buckets, and DISCONNECTED once from each bucket.
struct NodeSchedule: Sendable {
    static let reportInterval: Int64 = 30_000
    private static let halfDay = Timestamp.millisecondsPerDay / 2

    let random: SeededRandom

    /// A period in which a node is down.
    struct Outage: Equatable {
        let status: NodeStatus
        let start: Timestamp
        let end: Timestamp

        func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
    }

    /// The outage at a given time; nil when the node is ONLINE. An OFFLINE node cannot report that it is DISCONNECTED.
    func outage(of node: Int, for bucket: Int, at time: Timestamp) -> Outage? {
        let half = Int64((Double(time.milliseconds) / Double(Self.halfDay)).rounded(.down))
        if let offline = offline(node, half), offline.contains(time) { return offline }
        if let disconnected = disconnected(node, bucket, half), disconnected.contains(time) { return disconnected }
        return nil
    }

    /// The outage of the node itself at a given time; nil when it is up, though it may be DISCONNECTED from buckets.
    func outage(of node: Int, at time: Timestamp) -> Outage? {
        let half = Int64((Double(time.milliseconds) / Double(Self.halfDay)).rounded(.down))
        return offline(node, half).flatMap { $0.contains(time) ? $0 : nil }
    }

    /// For how many milliseconds of a period within one UTC day a node was not ONLINE for a bucket.
    func downtime(of node: Int, for bucket: Int, from start: Timestamp, to end: Timestamp) -> Int64 {
        guard start < end else { return 0 }
        var total: Int64 = 0
        for half in start.day * 2...start.day * 2 + 1 {
            let first = Self.clip(offline(node, half), start, end)
            let second = Self.clip(disconnected(node, bucket, half), start, end)
            total += Int64(first.count) + Int64(second.count) - Int64(first.clamped(to: second).count)
        }
        return total
    }

    /// The time of a node's last report, at or before a time at which it was reporting.
    func report(of node: Int, before time: Timestamp) -> Timestamp {
        let phase = Int64(random.bits(.nodeReportPhase, UInt64(node)) % UInt64(Self.reportInterval))
        let sinceReport = (time.milliseconds - phase) % Self.reportInterval
        return Timestamp(milliseconds: time.milliseconds - (sinceReport < 0 ? sinceReport + Self.reportInterval : sinceReport))
    }

    private func offline(_ node: Int, _ half: Int64) -> Outage? {
        let keys = (UInt64(node), UInt64(bitPattern: half))
        guard random.fraction(.nodeOutage, keys.0, keys.1) < 0.15 else { return nil }
        return outage(
            .offline, half, minutes: 5 + 35 * random.fraction(.nodeOutageLength, keys.0, keys.1),
            position: random.fraction(.nodeOutageStart, keys.0, keys.1))
    }

    private func disconnected(_ node: Int, _ bucket: Int, _ half: Int64) -> Outage? {
        let keys = (UInt64(node), UInt64(bucket), UInt64(bitPattern: half))
        guard random.fraction(.bucketOutage, keys.0, keys.1, keys.2) < 0.1 else { return nil }
        return outage(
            .disconnected, half, minutes: 3 + 27 * random.fraction(.bucketOutageLength, keys.0, keys.1, keys.2),
            position: random.fraction(.bucketOutageStart, keys.0, keys.1, keys.2))
    }

    private func outage(_ status: NodeStatus, _ half: Int64, minutes: Double, position: Double) -> Outage {
        let length = Int64(minutes * 60_000)
        let start = half * Self.halfDay + Int64(position * Double(Self.halfDay - length))
        return Outage(
            status: status, start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: start + length))
    }

    private static func clip(_ outage: Outage?, _ start: Timestamp, _ end: Timestamp) -> Range<Int64> {
        guard let outage else { return 0..<0 }
        return (outage.start.milliseconds..<outage.end.milliseconds).clamped(to: start.milliseconds..<end.milliseconds)
    }
}
