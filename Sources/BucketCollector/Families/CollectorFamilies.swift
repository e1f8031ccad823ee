package import Exposition

/// Whether the API was reached, and how each collector fared.
package enum CollectorFamilies: Int, MetricFamilySet {
    case up, success, duration, lastSuccess, lifetime, droppedRows

    package var family: MetricFamily {
        switch self {
        case .up:
            MetricFamily(
                "flashback_up", .gauge,
                help: "Whether the list of buckets was read in the latest refresh (1) or not (0).")
        case .success:
            MetricFamily(
                "flashback_collector_success", .gauge,
                help: "Whether the collector's latest run succeeded (1) or not (0); one that asks for each bucket succeeds when "
                    + "at least one answers.",
                labelNames: ["collector"])
        case .duration:
            MetricFamily(
                "flashback_collector_duration_seconds", .gauge, unit: .seconds,
                help: "How long the collector's latest run took.",
                labelNames: ["collector"])
        case .lastSuccess:
            MetricFamily(
                "flashback_collector_last_success_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the collector last succeeded, in seconds since 1970-01-01 UTC.",
                labelNames: ["collector"])
        case .lifetime:
            MetricFamily(
                "flashback_collector_lifetime_seconds", .gauge, unit: .seconds,
                help: "How long what the collector has read is fresh, before it is read again.",
                labelNames: ["collector"])
        case .droppedRows:
            MetricFamily(
                "flashback_exporter_dropped_rows_total", .counter,
                help:
                    "Rows and fields of the API's answers that could not be exported: duplicates, merged into one, and malformed ones.",
                labelNames: ["reason"])
        }
    }

    /// Writes the reports of the collectors.
    /// - Parameters:
    ///   - account: the account that they are about.
    ///   - list: the report of the bucket list, which is read even when its collector is off.
    ///   - reports: those of the collectors that are on.
    static func rendered(_ account: AccountLabel, list: CollectorReport, reports: [CollectorReport]) -> [RenderedFamily] {
        var samples = account.writer(of: CollectorFamilies.self)
        samples.append(.up, value: SampleValue(list.succeeded))
        var dropped = list.dropped
        for report in reports {
            if report.collector != list.collector { dropped += report.dropped }
            guard report.hasRun else { continue }
            samples.scope = account.scope(collector: report.collector)
            let labels = LabelBlock(["collector": report.collector])
            samples.append(.success, labels, value: SampleValue(report.succeeded))
            samples.append(.duration, labels, value: SampleValue(report.duration))
            if let date = report.lastSuccess { samples.append(.lastSuccess, labels, value: SampleValue(timestamp: date)) }
            samples.append(.lifetime, labels, value: SampleValue(report.lifetime.fresh))
        }
        samples.scope = account.scope()
        for reason in DroppedRows.Reason.allCases {
            samples.append(.droppedRows, LabelBlock(["reason": reason.rawValue]), value: .integer(dropped[reason]))
        }
        return samples.rendered()
    }
}
