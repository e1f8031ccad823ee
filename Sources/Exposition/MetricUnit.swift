/// The base unit of a metric, which its name ends with (before `_total`). Prometheus' rule: base units only, so never milliseconds.
package enum MetricUnit: String, Sendable, Hashable {
    case seconds
    case bytes
    /// A share from 0 to 1.
    case ratio
}
