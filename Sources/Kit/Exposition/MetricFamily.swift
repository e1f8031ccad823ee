/// The declaration of a metric family: everything except its samples.
package struct MetricFamily: Sendable, Hashable {
    /// The name used by its samples: with `_total` for a counter and `_info` for an info, but without suffixes such as `_bucket` for a
    /// histogram.
    package let name: String
    package let type: MetricType
    package let unit: MetricUnit?
    /// One sentence for dashboard users: the meaning and the API field that it comes from.
    package let help: String
    /// The labels of its samples, in the order in which they are written.
    package let labelNames: [String]

    package init(_ name: String, _ type: MetricType, unit: MetricUnit? = nil, help: String, labelNames: [String] = []) {
        self.name = name
        self.type = type
        self.unit = unit
        self.help = help
        self.labelNames = labelNames
    }

    /// The name on the metadata lines in OpenMetrics, where the type's suffix is only part of the sample names.
    package var openMetricsName: String {
        let ending =
            switch type {
            case .counter: "_total"
            case .info: "_info"
            case .gauge, .histogram: ""
            }
        return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
    }

    /// The unit in the metadata of OpenMetrics and protobuf: names must end with it, and an info has none (OpenMetrics 1.0, "Unit"
    /// and "Info").
    var declaredUnit: MetricUnit? {
        unit.flatMap { type != .info && openMetricsName.hasSuffix("_\($0.rawValue)") ? $0 : nil }
    }
}

/// The type of a metric family, as OpenMetrics 1.0 names it.
package enum MetricType: String, Sendable, Hashable {
    case counter
    case gauge
    case histogram
    /// Always 1, with the information in its labels. Text format 0.0.4 does not have this type and uses gauge.
    case info

    /// The type on a `# TYPE` line of text format 0.0.4.
    var textFormatName: String { self == .info ? "gauge" : rawValue }
}

/// The base unit of a metric, which its name ends with (before `_total`). Prometheus' convention allows base units only, so milliseconds
/// are not available.
package enum MetricUnit: String, Sendable, Hashable {
    case seconds
    case bytes
    /// A ratio from 0 to 1.
    case ratio
}

/// The families of one metric source, declared as an enumeration so that samples can only be written to declared families.
///
/// The raw values count up from 0 in declaration order, as in any `enum …: Int`.
package protocol MetricFamilySet: CaseIterable, RawRepresentable<Int>, Sendable {
    var family: MetricFamily { get }
}

extension MetricFamilySet {
    /// All declarations, in order.
    package static var families: [MetricFamily] { allCases.map(\.family) }
}

/// The families of one source, with everything that depends only on their declarations.
///
/// A source that is read at every scrape keeps this value and rewrites only its samples.
package struct FamilyDeclarations<Family: MetricFamilySet>: Sendable {
    let families: [MetricFamily]
    /// Labels that precede every sample's own labels.
    let constantLabels: LabelBlock
    /// The start of a sample's line, by family.
    let starts: [LineStart]
    let headers: [FamilyHeader]
    /// The selection of families and states to write.
    let selection: MetricSelection
    /// Whether samples of the family are written, by family.
    let isWritten: [Bool]

    /// - Parameters:
    ///   - constantLabels: labels that precede every sample's own labels.
    ///   - selection: which families and states are written.
    package init(
        of _: Family.Type = Family.self, constantLabels: LabelBlock = .none, selection: MetricSelection = MetricSelection()
    ) {
        families = Family.families
        self.constantLabels = constantLabels
        self.selection = selection
        isWritten = families.map(selection.admits)
        starts = families.map { LineStart($0.name, constantLabels) }
        let deflater = Deflater()
        headers = families.map { FamilyHeader($0, deflater: deflater) }
    }
}
