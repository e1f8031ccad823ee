package import Basics
package import FoundationEssentials
internal import HTTPTypes

/// `GET /v2/stats/storage`: the traffic of one bucket by time, with one row for each day.
///
/// Of the parameters, only `scope` and `window` are required for a whole organization. `timeBucketSize` is in the documents, but not
/// in the API's own client.
package struct ReadStorageStatistics: Endpoint {
    package static let name = EndpointName(.get, "/v2/stats/storage")
    package static let limits = AnswerLimits.timeSeries

    /// A window that ends now.
    package enum Window: Int, Sendable, CaseIterable {
        case days7 = 7
        case days30 = 30
        case days90 = 90
        case days180 = 180
        case days365 = 365
    }

    package let bucketID: Identifier
    package let window: Window

    package init(bucketID: Identifier, window: Window) {
        self.bucketID = bucketID
        self.window = window
    }

    package var path: [String] { ["v2", "stats", "storage"] }
    package var query: [(name: String, value: String)] {
        [("scope", "org"), ("window", "\(window.rawValue)d"), ("timeBucketSize", "1d"), ("bucketId", bucketID.text)]
    }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<StorageTraffic> {
        try body.rows(under: [.series, .data])
    }
}

extension AnswerLimits {
    /// A row for each of up to 365 days, or 24 times as many if the API answers by the hour.
    fileprivate static let timeSeries = AnswerLimits(bytes: 4 * 1024 * 1024, rows: 16_384)
}

/// A row of `GET /v2/stats/storage`: the traffic from its time to the time of the next row.
package struct StorageTraffic: Row, Hashable {
    /// The field `ts`, whose unit is undocumented (``TimestampFormat``).
    package let start: Date
    /// The field `requests`.
    package let requests: Int64?
    /// The field `uplBytes`.
    package let uploadBytes: Int64?
    /// The field `dwlBytes`.
    package let downloadBytes: Int64?
    /// The field `sizeChange`, the net change in stored bytes.
    package let sizeChange: Int64?
    /// The field `latencyMs`, in milliseconds: the average weighted over the bridge nodes.
    package let latencyMilliseconds: Double?

    package init?(fields: inout RowFields) {
        // Up to the end of year 9999.
        guard let time = fields.number(.ts, in: 0...253_402_300_799_999) else { return nil }
        start = Date(timeIntervalSince1970: TimestampFormat.seconds(ofUnknownUnit: time))
        requests = fields.integer(.requests, .totalCount, in: 0 ... .max)
        uploadBytes = fields.integer(.uplBytes, .upl_bytes, in: 0 ... .max)
        downloadBytes = fields.integer(.dwlBytes, .dwl_bytes, in: 0 ... .max)
        sizeChange = fields.integer(.sizeChange, .size_change)
        latencyMilliseconds = fields.number(.latencyMs, .latency_ms, in: RowFields.probeMilliseconds)
    }
}
