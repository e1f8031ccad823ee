#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How long a node takes to reach a bucket: a level of the two's own, slower in the afternoon, with some noise.
struct Latency: Sendable {
    private static let dailySwing = 0.3
    private static let noise = 0.2

    let random: SeededRandom

    /// The latency that a node measured for its report at a time, in whole milliseconds.
    func measured(by node: Int, for bucket: Int, at report: Timestamp) -> Int64 {
        let level = level(node, bucket)
        let angle = 2 * Double.pi * Double(report.millisecondsOfDay) / Double(Timestamp.millisecondsPerDay)
        let noise =
            Self.noise
            * random.fraction(.latencyNoise, UInt64(node), UInt64(bucket), UInt64(bitPattern: report.milliseconds))
        return Int64((level * (1 - Self.dailySwing * sin(angle) + noise)).rounded())
    }

    /// The average over a part of one UTC day, in milliseconds.
    func average(of node: Int, for bucket: Int, from start: Timestamp, to end: Timestamp) -> Double {
        let day = Double(Timestamp.millisecondsPerDay)
        let first = 2 * Double.pi * Double(start.millisecondsOfDay) / day
        let length = 2 * Double.pi * Double(end.milliseconds - start.milliseconds) / day
        // The integral of the curve above, its noise taken at its mean.
        let swing = (cos(first + length) - cos(first)) / length
        let average = level(node, bucket) * (1 + Self.dailySwing * swing + Self.noise / 2)
        return (average * 100).rounded() / 100
    }

    private func level(_ node: Int, _ bucket: Int) -> Double {
        8 + 72 * random.fraction(.latencyBase, UInt64(node), UInt64(bucket))
    }
}
