package import Exposition

/// Counts what the series limits exclude from the export. A limit that is not set has no series.
package enum LimitFamilies: Int, MetricFamilySet {
    case buckets, nodes

    package var family: MetricFamily {
        switch self {
        case .buckets:
            MetricFamily(
                "flashback_exporter_refused_buckets", .gauge,
                help: "How many buckets are not exported because of the limit on buckets; absent without that limit.")
        case .nodes:
            MetricFamily(
                "flashback_exporter_refused_nodes", .gauge,
                help: "How many nodes of all buckets are not exported because of the limit on nodes per bucket; "
                    + "absent without that limit.",
                labelNames: ["collector"])
        }
    }

    /// - Parameters:
    ///   - account: the account they belong to.
    ///   - list: the report of the bucket list, which is read even when its collector is disabled.
    ///   - reports: the reports of the collectors that make one request per bucket.
    static func rendered(
        _ account: AccountLabel, list: CollectorReport, perBucket reports: [CollectorReport], _ selection: BucketSelection
    ) -> [RenderedFamily] {
        var samples = account.writer(of: LimitFamilies.self)
        if selection.maximumBuckets != nil, list.hasRun { samples.append(.buckets, value: SampleValue(list.refused)) }
        if selection.maximumNodesPerBucket != nil {
            for report in reports where report.hasRun {
                samples.scope = account.scope(collector: report.collector)
                samples.append(.nodes, LabelBlock(["collector": report.collector]), value: SampleValue(report.refused))
            }
        }
        return samples.rendered()
    }
}
