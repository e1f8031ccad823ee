package import Basics
internal import HTTPTypes

/// What a traffic breakdown divides the organization's traffic by.
package protocol TrafficDimension: Sendable {
    /// The last segment of the path.
    static var segment: String { get }
}

package enum TrafficByNode: TrafficDimension {
    package static let segment = "nodes"
}

package enum TrafficByBucket: TrafficDimension {
    package static let segment = "buckets"
}

/// `GET /v2/stats/storage/breakdown/nodes` or `…/buckets`: one page of the traffic of the last 24 hours.
package struct ReadTrafficBreakdown<Dimension: TrafficDimension>: Endpoint {
    package static var name: EndpointName { EndpointName(.get, "/v2/stats/storage/breakdown/\(Dimension.segment)") }
    package static var limits: AnswerLimits { .numbers }

    /// The maximum number of rows in the answer; the API may return fewer.
    package let limit: Int
    /// How many entities to skip.
    package let offset: Int

    package init(limit: Int, offset: Int) {
        self.limit = limit
        self.offset = offset
    }

    package var path: [String] { ["v2", "stats", "storage", "breakdown", Dimension.segment] }
    package var query: [(name: String, value: String)] {
        [("scope", "org"), ("window", "24h"), ("limit", String(limit)), ("offset", String(offset))]
    }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> TrafficPage {
        var total: Int64?
        let rows: Rows<WindowTraffic> = try body.rows(under: [.entities, .data]) { envelope in
            total = envelope.nested(.meta) { .some($0.integer(.totalEntities, in: 0 ... .max)) } ?? nil
        }
        return TrafficPage(rows: rows, totalEntities: total)
    }
}

/// One page of a traffic breakdown.
package struct TrafficPage: Sendable, Equatable {
    package let rows: Rows<WindowTraffic>
    /// The field `meta.totalEntities`: the number of entities on all pages.
    package let totalEntities: Int64?
}

/// A row of a traffic breakdown: the traffic of one node or bucket within the window.
package struct WindowTraffic: Row, Hashable {
    /// The object `totals`.
    package struct Totals: Sendable, Hashable {
        /// The field `requests`: operations.
        package let requests: Int64?
        /// The field `uplBytes`.
        package let uploadBytes: Int64?
        /// The field `dwlBytes`.
        package let downloadBytes: Int64?
        /// The field `sizeChange` in bytes: written minus deleted, so it may be negative.
        package let sizeChangeBytes: Int64?
        /// The field `latencyMs`: the average weighted by the traffic through each node, in milliseconds.
        package let latencyMilliseconds: Double?

        init(_ fields: inout RowFields) {
            requests = fields.integer(.requests, .totalCount, in: 0 ... .max)
            uploadBytes = fields.integer(.uplBytes, .upl_bytes, .totalUploadBytes, in: 0 ... .max)
            downloadBytes = fields.integer(.dwlBytes, .dwl_bytes, .totalDownloadBytes, in: 0 ... .max)
            sizeChangeBytes = fields.integer(.sizeChange, .size_change, .totalSizeChange)
            latencyMilliseconds = fields.number(.latencyMs, .latency_ms, in: RowFields.probeMilliseconds)
        }
    }

    /// The field `entityId`.
    package let entity: Identifier
    /// The field `entityName`.
    package let name: String?
    package let totals: Totals?

    package init?(fields: inout RowFields) {
        guard let entity = fields.identifier(.entityId) else { return nil }
        self.entity = entity
        name = fields.label(.entityName)
        totals = fields.nested(.totals) { Totals(&$0) }
    }
}
