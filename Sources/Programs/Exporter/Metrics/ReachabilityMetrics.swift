internal import Basics
internal import Exposition

/// The smallest useful set of metrics: those that the alerts about reachability, the API and the exporter need. It is documented in
/// docs/narrowing.md.
enum ReachabilityMetrics {
    /// For `--metrics.include`.
    static let include = [
        "flashback_up|flashback_(api|collector|exporter)_.*|process_start_time_seconds",
        "flashback_bucket_collector_.*",
        "flashback_bucket_node_(status|last_update_timestamp_seconds)",
    ]
    /// For `--metrics.exclude`.
    static let exclude = ["flashback_api_request_duration_seconds"]

    /// The part of this set that remains under a selection's exclusions.
    static func selected(by selection: MetricSelection) -> MetricSelection {
        var selection = selection
        selection.families.include = patterns(include)
        selection.families.exclude += patterns(exclude)
        return selection
    }

    private static func patterns(_ texts: [String]) -> [Pattern] {
        texts.map { text in
            guard let pattern = try? Pattern(parsing: text) else { preconditionFailure("a test parses the patterns") }
            return pattern
        }
    }
}
