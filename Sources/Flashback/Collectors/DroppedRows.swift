internal import Basics
package import FlashbackAPI
package import FoundationEssentials
package import Logging
internal import NIOConcurrencyHelpers

/// Counts received data that could not be exported.
package struct DroppedRows: Sendable, Hashable {
    /// Why data was dropped; the label `reason`.
    package enum Reason: String, Sendable, CaseIterable {
        /// A row with the same identity as another one, with which it was merged.
        case duplicate
        /// A row that is not an object, that lacks its identifier, or that is about something not requested.
        case malformedRow = "malformed_row"
        /// A field of the wrong kind in a row whose other fields are exported.
        case malformedField = "malformed_field"
        /// A field of the right kind with an impossible value, such as a negative total, in a row whose other fields are
        /// exported.
        case outOfRange = "out_of_range"
    }

    /// Up to this many rows, comparing all pairs is faster than using a dictionary.
    private static let few = 8

    private var duplicates: Int64 = 0
    private var malformedRows: Int64 = 0
    private var malformedFields: Int64 = 0
    private var outOfRangeFields: Int64 = 0

    package init() {}

    /// Counts the unreadable parts of an answer's rows.
    package init(unreadIn rows: Rows<some Row>) {
        malformedRows = Int64(rows.malformedRows)
        malformedFields = Int64(rows.malformedFields)
        outOfRangeFields = Int64(rows.outOfRangeFields)
    }

    /// Counts rows about buckets or days that were not requested.
    mutating func note(unrequestedRows count: Int) { malformedRows += Int64(count) }

    package subscript(reason: Reason) -> Int64 {
        switch reason {
        case .duplicate: duplicates
        case .malformedRow: malformedRows
        case .malformedField: malformedFields
        case .outOfRange: outOfRangeFields
        }
    }

    package static func += (left: inout DroppedRows, right: DroppedRows) {
        left.duplicates += right.duplicates
        left.malformedRows += right.malformedRows
        left.malformedFields += right.malformedFields
        left.outOfRangeFields += right.outOfRangeFields
    }

    /// Merges rows with the same identity, in the order in which identities first appear, and counts the duplicates.
    /// - Parameters:
    ///   - identity: the identity of a row.
    ///   - isBetter: whether to keep the first argument instead of the second, which came earlier.
    package mutating func merge<Element, Identity: Hashable>(
        _ rows: [Element], by identity: (Element) -> Identity, keeping isBetter: (Element, Element) -> Bool
    ) -> [Element] {
        // Usually the nodes of one bucket, too few to be worth a dictionary.
        if rows.count <= Self.few, isDistinct(rows.map(identity)) { return rows }
        var indexes: [Identity: Int] = Dictionary(minimumCapacity: rows.count)
        var merged: [Element] = []
        merged.reserveCapacity(rows.count)
        for row in rows {
            let key = identity(row)
            if let index = indexes[key] {
                if isBetter(row, merged[index]) { merged[index] = row }
                duplicates += 1
            } else {
                indexes[key] = merged.count
                merged.append(row)
            }
        }
        return merged
    }

    private func isDistinct<Identity: Equatable>(_ identities: [Identity]) -> Bool {
        identities.indices.allSatisfy { !identities[..<$0].contains(identities[$0]) }
    }

    /// Merges rows with the same identity, keeping the one with the latest date; a row without a date counts as the oldest.
    package mutating func merge<Element, Identity: Hashable>(
        _ rows: [Element], by identity: (Element) -> Identity, keepingLatest date: (Element) -> Date?
    ) -> [Element] {
        merge(rows, by: identity) { (date($0) ?? .distantPast) > (date($1) ?? .distantPast) }
    }
}

/// Logs each unknown status word once, when it is first exported as `unknown`.
package final class UnknownStatusLog: Sendable {
    /// A limit, since a broken API could send a new word each time.
    private static let limit = 100

    private let logger: Logger
    private let seen = NIOLockedValueBox<Set<Identifier>>([])

    package init(logger: Logger) {
        self.logger = logger
    }

    func note(_ status: ReachabilityStatus?, of endpoint: EndpointName) {
        guard case .unknown(let word) = status else { return }
        let isNew = seen.withLockedValue { $0.count < Self.limit && $0.insert(Identifier(word)).inserted }
        if isNew {
            logger.warning(
                "unknown status word, exported as status=\"unknown\"", metadata: ["word": "\(word)", "endpoint": "\(endpoint)"])
        }
    }
}
