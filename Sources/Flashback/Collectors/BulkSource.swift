package import Basics
package import FlashbackAPI

/// Whether collectors request many buckets together where the API has an endpoint for it.
package enum BulkMode: String, Sendable, CaseIterable {
    /// Together, but one by one for buckets that the API refuses or omits.
    case auto
    /// Only together.
    case always
    /// One by one.
    case never
}

/// How a collector reads many buckets with one request.
package struct BulkSource<Reading: Sendable>: Sendable {
    /// The readings of one answer.
    package struct Answer: Sendable {
        /// By bucket. The request's buckets without an entry were omitted from the answer.
        package var readings: [Identifier: ReadingResult<Reading>] = [:]
        /// Rows that belong to none of the request's buckets, or that could not be decoded.
        package var dropped = DroppedRows()
    }

    package let endpoint: EndpointName
    /// Makes one request.
    package let read: @Sendable (BucketBatch, ReadingContext) async throws(APIError) -> Answer
    /// The reading of a bucket for which there are no reports at a time.
    package let empty: @Sendable (ReadingContext) -> Reading
    package let isEmpty: @Sendable (Reading) -> Bool
    /// Whether a bucket without reports is normal, so that a bucket that an answer omits counts as read. Otherwise an omitted bucket cannot
    /// be distinguished from one that the account may not read.
    package let mayLackReports: Bool

    package init(
        endpoint: EndpointName, mayLackReports: Bool, empty: @escaping @Sendable (ReadingContext) -> Reading,
        isEmpty: @escaping @Sendable (Reading) -> Bool,
        read: @escaping @Sendable (BucketBatch, ReadingContext) async throws(APIError) -> Answer
    ) {
        self.endpoint = endpoint
        self.mayLackReports = mayLackReports
        self.empty = empty
        self.isEmpty = isEmpty
        self.read = read
    }
}

extension BulkSource.Answer {
    /// Groups an answer's rows by bucket. Rows that were not requested are counted as dropped.
    /// - Parameters:
    ///   - isRequested: whether the request asked for a row, given that it asked for the row's bucket.
    ///   - reading: turns the rows of one bucket into its reading.
    package init<Element: Row>(
        _ rows: Rows<Element>, about batch: BucketBatch, by bucketID: (Element) -> Identifier,
        where isRequested: (Element) -> Bool = { _ in true }, _ reading: ([Element]) -> ReadingResult<Reading>
    ) {
        dropped = DroppedRows(unreadIn: rows)
        let requested = Set(batch.bucketIDs)
        var rowsOfBuckets: [Identifier: [Element]] = [:]
        var foreign = 0
        for row in rows.rows {
            let id = bucketID(row)
            if requested.contains(id), isRequested(row) {
                rowsOfBuckets[id, default: []].append(row)
            } else {
                foreign += 1
            }
        }
        dropped.note(unrequestedRows: foreign)
        readings = rowsOfBuckets.mapValues(reading)
    }
}
