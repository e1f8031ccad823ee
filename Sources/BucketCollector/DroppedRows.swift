package import FlashbackAPI
package import FoundationEssentials

/// Counts what the API sent and the exporter could not export.
package struct DroppedRows: Sendable, Hashable {
    /// Why something was dropped; the label `reason`.
    package enum Reason: String, Sendable, CaseIterable {
        /// A row that repeats another's identity, with which it was merged.
        case duplicate
        /// A row that is not an object, or that lacks what identifies it.
        case malformedRow = "malformed_row"
        /// A field of the wrong kind, in a row whose other fields are exported.
        case malformedField = "malformed_field"
    }

    private var counts: [Reason: Int64] = [:]

    package init() {}

    /// What could not be read of an answer's rows.
    package init(unreadIn rows: Rows<some Row>) {
        counts = [.malformedRow: Int64(rows.malformedRows), .malformedField: Int64(rows.malformedFields)]
    }

    package subscript(reason: Reason) -> Int64 {
        get { counts[reason] ?? 0 }
        set { counts[reason] = newValue }
    }

    package static func += (left: inout DroppedRows, right: DroppedRows) {
        left.counts.merge(right.counts, uniquingKeysWith: +)
    }

    /// Merges rows of the same identity into one each, in the order in which the identities first appear, and counts the rest.
    /// - Parameters:
    ///   - identity: what makes two rows the same.
    ///   - isBetter: whether its first argument is to be kept rather than its second, which came before it.
    package mutating func merge<Element, Identity: Hashable>(
        _ rows: [Element], by identity: (Element) -> Identity, keeping isBetter: (Element, Element) -> Bool
    ) -> [Element] {
        var indexes: [Identity: Int] = Dictionary(minimumCapacity: rows.count)
        var merged: [Element] = []
        merged.reserveCapacity(rows.count)
        for row in rows {
            let key = identity(row)
            if let index = indexes[key] {
                if isBetter(row, merged[index]) { merged[index] = row }
                self[.duplicate] += 1
            } else {
                indexes[key] = merged.count
                merged.append(row)
            }
        }
        return merged
    }

    /// Merges rows of the same identity, keeping the one with the latest date; one without a date is the oldest.
    package mutating func merge<Element, Identity: Hashable>(
        _ rows: [Element], by identity: (Element) -> Identity, keepingLatest date: (Element) -> Date?
    ) -> [Element] {
        merge(rows, by: identity) { (date($0) ?? .distantPast) > (date($1) ?? .distantPast) }
    }
}
