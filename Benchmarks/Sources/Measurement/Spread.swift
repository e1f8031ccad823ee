/// The results of repeated runs: their median, and how far they spread.
public struct Spread: Sendable, CustomStringConvertible {
    public let median: Double
    public let minimum: Double
    public let maximum: Double

    /// - Precondition: there is at least one value.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "there is no median of nothing")
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        minimum = sorted[0]
        maximum = sorted[sorted.count - 1]
    }

    /// The value that is as large as this share of the values or larger: 0.99 gives the 99th percentile.
    /// - Precondition: there is at least one value, and the share lies between 0 and 1.
    public static func percentile(_ share: Double, of values: [Double]) -> Double {
        values.sorted()[Int((Double(values.count) * share).rounded(.up)).clamped(to: 1...values.count) - 1]
    }

    /// `0.712 (0.698 to 0.741)`
    public var description: String { "\(median.rounded(to: 3)) (\(minimum.rounded(to: 3)) to \(maximum.rounded(to: 3)))" }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }
}

extension Double {
    /// The number in decimal digits, so many of them after the point.
    public func rounded(to digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((magnitude * scale).rounded())
        let whole = scaled / Int64(scale)
        guard digits > 0 else { return "\(self < 0 ? "-" : "")\(whole)" }
        let fraction = String(scaled % Int64(scale))
        return "\(self < 0 ? "-" : "")\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension Duration {
    /// The duration in seconds.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
