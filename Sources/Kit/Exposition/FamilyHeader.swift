/// The lines before a family's samples, by syntax.
struct FamilyHeader: Sendable, Hashable {
    private let text: SegmentRun
    private let openMetrics: SegmentRun

    init(_ family: MetricFamily, deflater: Deflater) {
        text = SegmentRun(Segment(Self.lines(of: family, type: family.type.textFormatName), deflater: deflater))
        openMetrics = SegmentRun(Segment(Self.openMetricsLines(of: family), deflater: deflater))
    }

    func run(in syntax: ExpositionFormat.Syntax) -> SegmentRun {
        switch syntax {
        case .text: text
        case .openMetrics: openMetrics
        }
    }

    /// The metadata lines in OpenMetrics.
    static func openMetricsLines(of family: MetricFamily) -> [UInt8] {
        let name = family.openMetricsName
        var lines = lines(of: family, name: name, type: family.type.rawValue)
        // Names must end with their unit, and an info has none (OpenMetrics 1.0, "Unit" and "Info").
        if let unit = family.unit, family.type != .info, name.hasSuffix("_\(unit.rawValue)") {
            lines.append(contentsOf: "# UNIT \(name) \(unit.rawValue)\n".utf8)
        }
        return lines
    }

    private static func lines(of family: MetricFamily, name: String? = nil, type: String) -> [UInt8] {
        let name = name ?? family.name
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "# HELP \(name) ".utf8)
        bytes.append(escapingHelp: family.help)
        bytes.append(contentsOf: "\n# TYPE \(name) \(type)\n".utf8)
        return bytes
    }
}
