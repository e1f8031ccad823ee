internal import FlashbackAPI

/// A bucket's totals as they are exported: none of them falls because one answer came from a replica that lags behind.
///
/// Prometheus takes a counter that falls for one that began anew, and counts all of it once more. A total that falls is therefore
/// held at its last value and counted as a regression. Only when three readings in a row are lower has it really begun anew.
package struct SettledTotals: Sendable, Hashable {
    private(set) var requests = SettledCounter()
    private(set) var uploadBytes = SettledCounter()
    private(set) var downloadBytes = SettledCounter()
    private(set) var sizeChangeBytes: Int64?
    /// How often one of them was held.
    private(set) var regressions: Int64 = 0

    /// - Parameter totals: what the API says now; nil for a bucket that it leaves out, which counts as one without traffic.
    mutating func read(_ totals: BucketTotals?) {
        var held = 0
        if !requests.read(totals.map(\.requests) ?? 0) { held += 1 }
        if !uploadBytes.read(totals.map(\.uploadBytes) ?? 0) { held += 1 }
        if !downloadBytes.read(totals.map(\.downloadBytes) ?? 0) { held += 1 }
        sizeChangeBytes = totals.map(\.sizeChangeBytes) ?? 0
        regressions += Int64(held)
    }
}

/// A counter that does not fall before three readings in a row say so.
package struct SettledCounter: Sendable, Hashable {
    private static let readingsOfAReset = 3

    private var highest: Int64?
    private var isKnown = false
    private var lowerReadings = 0

    /// The value to export; nil when the latest reading had none.
    package var value: Int64? { isKnown ? highest : nil }

    /// - Returns: whether the reading is the value now; not when the value before it was held.
    mutating func read(_ reading: Int64?) -> Bool {
        isKnown = reading != nil
        guard let reading else { return true }
        guard let highest, reading < highest else {
            self.highest = reading
            lowerReadings = 0
            return true
        }
        lowerReadings += 1
        guard lowerReadings == Self.readingsOfAReset else { return false }
        self.highest = reading
        lowerReadings = 0
        return true
    }
}
