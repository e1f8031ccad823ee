internal import FlashbackAPI

/// A bucket's totals as exported, protected against decreases from a lagging replica.
///
/// Prometheus treats a decreasing counter as a reset and counts its whole value again. A total that decreases is therefore held
/// at its previous value and counted as a regression. Only three lower readings in a row are accepted as a real reset.
package struct SettledTotals: Sendable, Hashable {
    private(set) var requests = SettledCounter()
    private(set) var uploadBytes = SettledCounter()
    private(set) var downloadBytes = SettledCounter()
    private(set) var sizeChangeBytes: Int64?
    /// How often a total was held.
    private(set) var regressions: Int64 = 0

    /// - Parameter totals: the API's current totals; nil for a bucket missing from the answer, which counts as one without
    ///   traffic.
    mutating func read(_ totals: BucketTotals?) {
        var held = 0
        if !requests.read(totals.map(\.requests) ?? 0) { held += 1 }
        if !uploadBytes.read(totals.map(\.uploadBytes) ?? 0) { held += 1 }
        if !downloadBytes.read(totals.map(\.downloadBytes) ?? 0) { held += 1 }
        sizeChangeBytes = totals.map(\.sizeChangeBytes) ?? 0
        regressions += Int64(held)
    }
}

/// A counter that decreases only after three lower readings in a row.
package struct SettledCounter: Sendable, Hashable {
    private static let readingsOfAReset = 3

    private var highest: Int64?
    private var isKnown = false
    private var lowerReadings = 0

    /// The value to export; nil when the latest reading had none.
    package var value: Int64? { isKnown ? highest : nil }

    /// - Returns: whether the reading was accepted; false if the previous value was held.
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
