internal import Basics
package import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// The traffic of one UTC day through the Flashback nodes, from `GET /v2/stats/storage`.
///
/// It is the total of one day, not a lifetime total: it is never written to the counters of ``TotalsCollector``, whose values at that time
/// are unknown.
package struct DayTraffic: Sendable, Hashable, Codable {
    /// In the format `2024-01-15`.
    let date: String
    var requests: Int64?
    var uploadBytes: Int64?
    var downloadBytes: Int64?
    var sizeChange: Int64?
    /// In seconds.
    var latency: Double?

    /// The traffic of each day.
    /// - Returns: nil when the rows are not about UTC days, so that nothing is known about days.
    static func days(_ rows: [StorageTraffic]) -> [UTCDay: DayTraffic]? {
        var days: [UTCDay: DayTraffic] = [:]
        for row in rows {
            let day = UTCDay(row.start)
            // A second row for the same day means that each row covers only part of it.
            guard day.start == row.start, days[day] == nil else { return nil }
            days[day] = DayTraffic(
                date: day.date, requests: row.requests, uploadBytes: row.uploadBytes, downloadBytes: row.downloadBytes,
                sizeChange: row.sizeChange,
                latency: row.latencyMilliseconds.flatMap { latency in
                    if case .real(let seconds) = SampleValue(milliseconds: latency) { seconds } else { nil }
                })
        }
        return days
    }

    func value(of family: TrafficHistoryFamilies) -> SampleValue? {
        switch family {
        case .requests: requests.map { .integer($0) }
        case .upload: uploadBytes.map { .integer($0) }
        case .download: downloadBytes.map { .integer($0) }
        case .sizeChange: sizeChange.map { .integer($0) }
        case .latency: latency.map { .real($0) }
        }
    }
}

/// The API's answer about a bucket's traffic.
enum TrafficAnswer: Sendable {
    /// In ascending order.
    case days([DayTraffic])
    /// The request failed; it may be repeated.
    case failed(APIError)
    /// The API refuses the request, for the account or only for this bucket.
    case refused(APIError)
    /// The API does not provide the account's traffic by day: one line.
    case unusable(String)
}

/// The request for a bucket's traffic, and the days to use from its answer.
struct TrafficRequest: Sendable {
    let endpoint: ReadStorageStatistics
    /// The days to write, each as the yesterday of the next day, as far as the answer covers them completely.
    private let days: Range<UTCDay>

    init(about bucketID: Identifier, period: BackfillPeriod, now: Date) {
        let wanted = BackfilledDay.yesterday.days(in: period)
        let today = UTCDay(now)
        // The first day of a window is cut off, because the window begins at the time of the request.
        let window = ReadStorageStatistics.Window.allCases.first { today.advanced(by: -$0.rawValue) < wanted.lowerBound }
        endpoint = ReadStorageStatistics(bucketID: bucketID, window: window ?? .days365)
        let first = max(wanted.lowerBound, today.advanced(by: 1 - endpoint.window.rawValue))
        days = min(first, wanted.upperBound)..<wanted.upperBound
    }

    func answer(_ result: Result<[StorageTraffic], APIError>) -> TrafficAnswer {
        switch result {
        case .success(let rows):
            guard let known = DayTraffic.days(rows) else {
                return .unusable("\(ReadStorageStatistics.name): the times in the answer are not those of UTC days")
            }
            return .days(days.compactMap { known[$0] })
        case .failure(let error):
            if case .status(let status, isThrottled: false) = error.reason, [400, 401, 403, 404].contains(status) {
                return .refused(error)
            }
            return .failed(error)
        }
    }
}

/// The families of a day's traffic. Only the backfill writes them.
package enum TrafficHistoryFamilies: Int, MetricFamilySet {
    case requests, upload, download, sizeChange, latency

    private static let labelNames = ListedBucket.labelNames + ["day"]

    package var family: MetricFamily {
        switch self {
        case .requests:
            MetricFamily(
                "flashback_bucket_daily_requests", .gauge,
                help: "Operations on the bucket in the day; from the field requests.", labelNames: Self.labelNames)
        case .upload:
            MetricFamily(
                "flashback_bucket_daily_upload_bytes", .gauge, unit: .bytes,
                help: "Bytes uploaded to the bucket in the day; from the field uplBytes.", labelNames: Self.labelNames)
        case .download:
            MetricFamily(
                "flashback_bucket_daily_download_bytes", .gauge, unit: .bytes,
                help: "Bytes downloaded from the bucket in the day; from the field dwlBytes.", labelNames: Self.labelNames)
        case .sizeChange:
            MetricFamily(
                "flashback_bucket_daily_size_change_bytes", .gauge, unit: .bytes,
                help: "Net change of the stored bytes in the day; from the field sizeChange.", labelNames: Self.labelNames)
        case .latency:
            MetricFamily(
                "flashback_bucket_daily_latency_seconds", .gauge, unit: .seconds,
                help: "Average latency of the day, weighted over the bridge nodes; from the field latencyMs.",
                labelNames: Self.labelNames)
        }
    }
}
