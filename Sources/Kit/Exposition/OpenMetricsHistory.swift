/// Writes samples with timestamps in OpenMetrics 1.0, for `promtool tsdb create-blocks-from openmetrics`.
///
/// The samples of a family must be together, the samples of a series must be together within its family, and their timestamps must increase
/// ("MetricFamily" and "MetricPoint" in the specification). The caller provides that order.
package enum OpenMetricsHistory {
    /// The lines before a family's samples.
    package static func header(of family: MetricFamily) -> [UInt8] { FamilyHeader.openMetricsLines(of: family) }

    /// The last line of a document.
    package static let end = Array("# EOF\n".utf8)

    /// Whether a text may be the name of a label; names that begin with two underscores are reserved for Prometheus.
    package static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !name.hasPrefix("__"), !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The timestamps of consecutive samples, as written at the ends of their lines.
    package struct Timestamps: Sendable {
        fileprivate let endings: [[UInt8]]

        /// - Parameter seconds: since 1970-01-01, in ascending order.
        package init(_ seconds: some Sequence<Int>) {
            endings = seconds.map { Array("\($0)\n".utf8) }
        }

        package var count: Int { endings.count }
    }

    /// One series.
    package struct Series: Sendable {
        /// The line up to its value.
        private let start: [UInt8]

        /// - Parameters:
        ///   - constants: labels that precede the series' own.
        ///   - labels: the series' own labels.
        package init(of family: MetricFamily, constants: LabelBlock, _ labels: LabelBlock) {
            let line = LineStart(family.name, constants)
            let closing = labels.bytes.isEmpty ? [] : [UInt8(ascii: "}")]
            start = (labels.bytes.isEmpty ? line.alone : line.beforeLabels + labels.bytes) + closing + [UInt8(ascii: " ")]
        }

        /// Appends a line with the same value for each timestamp.
        package func append(_ value: SampleValue, at timestamps: Timestamps, to bytes: inout [UInt8]) {
            // Most of a line is the same for each timestamp, and there are hundreds of timestamps.
            var line = start
            line.append(value)
            line.append(UInt8(ascii: " "))
            for ending in timestamps.endings {
                bytes.append(contentsOf: line)
                bytes.append(contentsOf: ending)
            }
        }
    }
}
