/// The bytes before a family's samples, by syntax.
struct FamilyHeader: Sendable, Hashable {
    private let text: SegmentRun
    private let openMetrics: SegmentRun
    private let protobuf = Kept<SegmentRun>()

    init(_ family: MetricFamily, deflater: Deflater) {
        text = SegmentRun(Segment(Self.lines(of: family, type: family.type.textFormatName), deflater: deflater))
        openMetrics = SegmentRun(Segment(Self.openMetricsLines(of: family), deflater: deflater))
    }

    /// The metadata lines of a text format.
    func run(isOpenMetrics: Bool) -> SegmentRun { isOpenMetrics ? openMetrics : text }

    /// The first fields of the family's message in protobuf.
    func protobufRun(of family: MetricFamily, deflater: Deflater) -> SegmentRun {
        protobuf.value {
            var bytes: [UInt8] = []
            bytes.append(protobufHeaderOf: family)
            return SegmentRun(Segment(bytes, deflater: deflater))
        }
    }

    /// The metadata lines in OpenMetrics.
    static func openMetricsLines(of family: MetricFamily) -> [UInt8] {
        let name = family.openMetricsName
        var lines = lines(of: family, name: name, type: family.type.rawValue)
        if let unit = family.declaredUnit { lines.append(contentsOf: "# UNIT \(name) \(unit.rawValue)\n".utf8) }
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
