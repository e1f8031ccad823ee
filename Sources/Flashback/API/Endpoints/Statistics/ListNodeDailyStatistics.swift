package import Basics
internal import HTTPTypes

/// `GET /stats/nodes/daily`: each node's statistics of the given buckets for one UTC day.
package struct ListNodeDailyStatistics: Endpoint {
    package static let name = EndpointName(.get, "/stats/nodes/daily")
    package static let limits = AnswerLimits.nodesOfBatch

    package let batch: BucketBatch
    package let day: UTCDay

    package init(_ batch: BucketBatch, day: UTCDay) {
        self.batch = batch
        self.day = day
    }

    package var path: [String] { ["stats", "nodes", "daily"] }
    package var query: [(name: String, value: String)] {
        let day = "\(day.decimalDigits)"
        return [("bucketId", batch.parameter), ("startDate", day), ("endDate", day)]
    }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<BucketNodeDailyStatistics> {
        try body.rows(under: [.data])
    }
}

/// A row of `GET /stats/nodes/daily`. It is documented without the time and the latency of the day's last report, and with `nodeId`
/// instead of `ip`; in older answers `endpoint` is missing too.
package struct BucketNodeDailyStatistics: Row, Hashable {
    /// The field `bucketId`; `unitId` in older answers.
    package let bucketID: Identifier
    /// The field `day`; nil when it is missing or not a day.
    package let day: UTCDay?
    package let node: NodeDailyStatistics

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.bucketId, .unitId), let node = NodeDailyStatistics(fields: &fields) else { return nil }
        bucketID = id
        day = fields.integer(.day).flatMap { UTCDay(field: $0) }
        self.node = node
    }
}
