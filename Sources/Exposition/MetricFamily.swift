/// The declaration of a metric family: everything about it but its samples.
package struct MetricFamily: Sendable, Hashable {
    /// The name that its samples carry: with `_total` for a counter and `_info` for an info, without `_bucket` and the like for a histogram.
    package let name: String
    package let type: MetricType
    package let unit: MetricUnit?
    /// One sentence for the person who reads it in a dashboard: what it is and the API field that it comes from.
    package let help: String
    /// The labels that its samples carry, in the order in which they are written.
    package let labelNames: [String]

    package init(_ name: String, _ type: MetricType, unit: MetricUnit? = nil, help: String, labelNames: [String] = []) {
        self.name = name
        self.type = type
        self.unit = unit
        self.help = help
        self.labelNames = labelNames
    }

    /// The name on the lines before the samples in OpenMetrics, where the ending that the type asks for belongs to the samples alone.
    package var openMetricsName: String {
        let ending =
            switch type {
            case .counter: "_total"
            case .info: "_info"
            case .gauge, .histogram: ""
            }
        return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
    }
}
