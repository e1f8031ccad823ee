internal import FlashbackAPI

/// A bucket's or repository's totals as exported, protected against decreases from a lagging replica.
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
    /// How many consecutive answers had no data about them.
    private var omissions = 0

    private static let maximumOmissions = 3

    /// - Parameter totals: the API's current totals; nil for a bucket missing from the answer, which counts as one without
    ///   traffic.
    mutating func read(_ totals: BucketTotals?) {
        if !requests.read(totals.map(\.requests) ?? 0) { regressions += 1 }
        readBytes(totals.map(\.uploadBytes) ?? 0, totals.map(\.downloadBytes) ?? 0, totals.map(\.sizeChangeBytes) ?? 0)
    }

    /// - Parameter totals: the API's current totals, which have no number of operations; nil for a repository missing from the answer,
    ///   which counts as one without traffic.
    mutating func read(_ totals: RepositoryTotals?) {
        readBytes(totals.map(\.uploadBytes) ?? 0, totals.map(\.downloadBytes) ?? 0, totals.map(\.sizeChangeBytes) ?? 0)
    }

    /// Reads an answer without data about them. They are kept for three such answers in a row and are unknown from the fourth on. They
    /// still must not decrease later.
    mutating func readNothing() {
        omissions += 1
        guard omissions > Self.maximumOmissions else { return }
        _ = requests.read(nil)
        _ = uploadBytes.read(nil)
        _ = downloadBytes.read(nil)
        sizeChangeBytes = nil
    }

    private mutating func readBytes(_ upload: Int64?, _ download: Int64?, _ sizeChange: Int64?) {
        if !uploadBytes.read(upload) { regressions += 1 }
        if !downloadBytes.read(download) { regressions += 1 }
        sizeChangeBytes = sizeChange
        omissions = 0
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
