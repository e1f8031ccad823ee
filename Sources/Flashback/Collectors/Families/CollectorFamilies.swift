package import Exposition
internal import FoundationEssentials

/// Whether the API was reached, and the state of each collector.
package enum CollectorFamilies: Int, MetricFamilySet {
    case up, success, duration, lastSuccess, lifetime, cycle, bulk, droppedRows

    package var family: MetricFamily {
        switch self {
        case .up:
            MetricFamily(
                "flashback_up", .gauge,
                help: "Whether the bucket list is known and the latest attempt to read it succeeded (1) or not (0); "
                    + "absent until the first attempt has finished.")
        case .success:
            MetricFamily(
                "flashback_collector_success", .gauge,
                help: "Whether the collector's latest request succeeded (1) or not (0); a collector with a request per bucket "
                    + "succeeds if the latest one for at least one bucket did.",
                labelNames: ["collector"])
        case .duration:
            MetricFamily(
                "flashback_collector_duration_seconds", .gauge, unit: .seconds,
                help: "Duration of the collector's latest round: one request, or one for each bucket that was due.",
                labelNames: ["collector"])
        case .lastSuccess:
            MetricFamily(
                "flashback_collector_last_success_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the collector last succeeded, in seconds since 1970-01-01 UTC.",
                labelNames: ["collector"])
        case .lifetime:
            MetricFamily(
                "flashback_collector_lifetime_seconds", .gauge, unit: .seconds,
                help: "How long the collector's data stays fresh before it is read again.",
                labelNames: ["collector"])
        case .cycle:
            MetricFamily(
                "flashback_collector_cycle_seconds", .gauge, unit: .seconds,
                help:
                    "Time between two reads of the same bucket by the collector; longer than its lifetime if there is "
                    + "no time for all requests.",
                labelNames: ["collector"])
        case .bulk:
            MetricFamily(
                "flashback_collector_bulk", .gauge,
                help: "Whether the collector requests many buckets at once (1), or each on its own because the API refuses (0); "
                    + "absent where buckets are never requested in bulk.",
                labelNames: ["collector"])
        case .droppedRows:
            MetricFamily(
                "flashback_exporter_dropped_rows_total", .counter,
                help:
                    "Rows and fields of API responses that could not be exported: merged duplicates, malformed ones and values out of range.",
                labelNames: ["reason"])
        }
    }

    /// Writes the collectors' reports.
    /// - Parameters:
    ///   - account: the account they belong to.
    ///   - list: the report of the bucket list, which is read even when its collector is disabled.
    ///   - isListServed: whether the list is recent enough to be served.
    ///   - reports: the enabled collectors' reports.
    ///   - start: when the counts of dropped rows were 0.
    static func rendered(
        _ account: AccountLabel, list: CollectorReport, isListServed: Bool, reports: [CollectorReport], since start: Date
    ) -> [RenderedFamily] {
        var samples = account.writer(of: CollectorFamilies.self)
        if list.hasRun { samples.append(.up, value: SampleValue(list.succeeded && isListServed)) }
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
            if let cycle = report.cycle { samples.append(.cycle, labels, value: SampleValue(cycle)) }
            if let isBulk = report.isBulk { samples.append(.bulk, labels, value: SampleValue(isBulk)) }
        }
        samples.scope = account.scope()
        for reason in DroppedRows.Reason.allCases {
            samples.append(
                .droppedRows, LabelBlock(["reason": reason.rawValue]), value: .integer(dropped[reason]), since: start)
        }
        return samples.rendered()
    }
}

/// The outcome of a collector's requests for one bucket.
package enum BucketOutcomeFamilies: Int, MetricFamilySet {
    case success, lastSuccess

    package var family: MetricFamily {
        switch self {
        case .success:
            MetricFamily(
                "flashback_bucket_collector_success", .gauge,
                help: "Whether the collector's latest request about the bucket succeeded (1) or not (0).",
                labelNames: ListedBucket.labelNames + ["collector"])
        case .lastSuccess:
            MetricFamily(
                "flashback_bucket_collector_last_success_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the collector last read the bucket successfully, in seconds since 1970-01-01 UTC.",
                labelNames: ListedBucket.labelNames + ["collector"])
        }
    }
}
