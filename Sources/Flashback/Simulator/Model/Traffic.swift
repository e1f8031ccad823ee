#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A bucket's lifetime totals in GET /bucket/stats.
package struct SimulatedTotals: Sendable, Hashable {
    /// Operations.
    package var count: Int64
    /// Bytes.
    package var uploadBytes: Int64
    /// Bytes.
    package var downloadBytes: Int64
    /// The net change in stored bytes; unlike the others it can decrease.
    package var sizeChange: Int64

    package init(count: Int64 = 0, uploadBytes: Int64 = 0, downloadBytes: Int64 = 0, sizeChange: Int64 = 0) {
        self.count = count
        self.uploadBytes = uploadBytes
        self.downloadBytes = downloadBytes
        self.sizeChange = sizeChange
    }
}

extension SimulatedTotals {
    /// The traffic between two times.
    static func - (after: SimulatedTotals, before: SimulatedTotals) -> SimulatedTotals {
        SimulatedTotals(
            count: after.count - before.count, uploadBytes: after.uploadBytes - before.uploadBytes,
            downloadBytes: after.downloadBytes - before.downloadBytes, sizeChange: after.sizeChange - before.sizeChange)
    }

    static func += (sum: inout SimulatedTotals, other: SimulatedTotals) {
        sum.count = saturated(sum.count, other.count)
        sum.uploadBytes = saturated(sum.uploadBytes, other.uploadBytes)
        sum.downloadBytes = saturated(sum.downloadBytes, other.downloadBytes)
        sum.sizeChange = saturated(sum.sizeChange, other.sizeChange)
    }

    /// Saturating, because a test may set totals to anything.
    private static func saturated(_ one: Int64, _ other: Int64) -> Int64 {
        let (sum, overflows) = one.addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }
}

/// The growth of a bucket's totals: the integral of a rate that is high by day, low by night and never negative.
struct Traffic: Sendable {
    /// The first bucket's byte totals exceed a JavaScript number's precision (2^53).
    static let vastBytes: Int64 = 9_007_199_254_740_993

    let random: SeededRandom

    func totals(of bucket: Int, since created: Timestamp, at time: Timestamp) -> SimulatedTotals {
        guard created < time else { return SimulatedTotals() }
        let key = UInt64(bucket)
        let phase = random.fraction(.trafficPhase, key) * 0.2
        let elapsed = Self.weightedSeconds(from: created, to: time, phase: phase)
        // From 1 KB to 1 MB per second, log-uniformly distributed.
        let uploadRate = exp(log(1e3) + log(1e3) * random.fraction(.trafficRate, key))
        let downloadRate = uploadRate * (0.2 + 3 * random.fraction(.trafficShare, key))
        let vast = bucket == 0 ? Self.vastBytes : 0
        let upload = Int64(uploadRate * elapsed)
        let swing = uploadRate * 7200 * random.fraction(.trafficSwing, key)
        let week = 2 * Double.pi * Double(time.milliseconds) / Double(7 * Timestamp.millisecondsPerDay)
        // Most of what is written is kept; every fifth bucket is shrinking.
        let kept = bucket % 5 == 4 ? -0.1 : 0.7
        return SimulatedTotals(
            count: Int64((uploadRate + downloadRate) / 65_536 * elapsed) + (elapsed > 0 ? 1 : 0),
            uploadBytes: vast + upload, downloadBytes: vast + Int64(downloadRate * elapsed),
            sizeChange: Int64(Double(upload) * kept + swing * sin(week)))
    }

    /// The integral of 1 − 0.8 cos(2π (t − phase)), with t in days, in seconds. The rate peaks in the afternoon.
    private static func weightedSeconds(from start: Timestamp, to end: Timestamp, phase: Double) -> Double {
        let day = Double(Timestamp.millisecondsPerDay)
        func wave(_ time: Timestamp) -> Double { sin(2 * .pi * (Double(time.millisecondsOfDay) / day - phase)) }
        return Double(end.milliseconds - start.milliseconds) / 1000 - 0.8 * 86_400 / (2 * .pi) * (wave(end) - wave(start))
    }
}

/// The latency between a node and a bucket: a constant level for the pair, higher in the afternoon, plus noise.
struct Latency: Sendable {
    private static let dailySwing = 0.3
    private static let noise = 0.2

    let random: SeededRandom

    /// The latency in a node's report at a given time, in whole milliseconds.
    func measured(by node: Int, for bucket: Int, at report: Timestamp) -> Int64 {
        let level = level(node, bucket)
        let angle = 2 * Double.pi * Double(report.millisecondsOfDay) / Double(Timestamp.millisecondsPerDay)
        let noise =
            Self.noise
            * random.fraction(.latencyNoise, UInt64(node), UInt64(bucket), UInt64(bitPattern: report.milliseconds))
        return Int64((level * (1 - Self.dailySwing * sin(angle) + noise)).rounded())
    }

    /// The average over part of a UTC day, in milliseconds.
    func average(of node: Int, for bucket: Int, from start: Timestamp, to end: Timestamp) -> Double {
        let day = Double(Timestamp.millisecondsPerDay)
        let first = 2 * Double.pi * Double(start.millisecondsOfDay) / day
        let length = 2 * Double.pi * Double(end.milliseconds - start.milliseconds) / day
        // The integral of the curve above, with the noise at its mean.
        let swing = (cos(first + length) - cos(first)) / length
        let average = level(node, bucket) * (1 + Self.dailySwing * swing + Self.noise / 2)
        return (average * 100).rounded() / 100
    }

    private func level(_ node: Int, _ bucket: Int) -> Double {
        8 + 72 * random.fraction(.latencyBase, UInt64(node), UInt64(bucket))
    }
}
