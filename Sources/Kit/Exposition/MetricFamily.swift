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

/// The base unit of a metric, which its name ends with (before `_total`). Prometheus' rule: base units only, so never milliseconds.
package enum MetricUnit: String, Sendable, Hashable {
    case seconds
    case bytes
    /// A share from 0 to 1.
    case ratio
}

/// The families of one source of metrics, declared as an enumeration so that a sample can only be written to a declared family.
///
/// The raw values count up from 0 in the order of the cases, as Swift gives them to an `enum …: Int`.
package protocol MetricFamilySet: CaseIterable, RawRepresentable<Int>, Sendable {
    var family: MetricFamily { get }
}

extension MetricFamilySet {
    /// All declarations, in their order.
    package static var families: [MetricFamily] { allCases.map(\.family) }
}

/// The families of one source with what is made of their declarations alone.
///
/// A source that is read at every scrape keeps them, so that only its samples are written anew.
package struct FamilyDeclarations<Family: MetricFamilySet>: Sendable {
    let families: [MetricFamily]
    /// Labels that every sample carries before its own.
    let constantLabels: LabelBlock
    /// What a sample's line begins with, for each family.
    let starts: [LineStart]
    let headers: [FamilyHeader]

    /// - Parameter constantLabels: labels that every sample carries before its own.
    package init(of _: Family.Type = Family.self, constantLabels: LabelBlock = .none) {
        families = Family.families
        self.constantLabels = constantLabels
        starts = families.map { LineStart($0.name, constantLabels) }
        let deflater = Deflater()
        headers = families.map { FamilyHeader($0, deflater: deflater) }
    }
}
