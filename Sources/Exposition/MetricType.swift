/// The type of a metric family, as OpenMetrics 1.0 names it.
package enum MetricType: String, Sendable, Hashable {
    case counter
    case gauge
    case histogram
    /// Always 1; what it tells is in its labels. Text format 0.0.4 does not know it and calls it a gauge.
    case info

    /// The word on a `# TYPE` line of text format 0.0.4.
    var textFormatName: String { self == .info ? "gauge" : rawValue }
}
