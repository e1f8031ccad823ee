/// A format in which metrics are exposed.
package enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format, version 0.0.4.
    case text

    /// The media type, with the parameters that Prometheus' parser wants.
    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// The lines before a family's samples.
    func header(of family: MetricFamily) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "# HELP \(family.name) ".utf8)
        bytes.append(escapingHelp: family.help)
        bytes.append(contentsOf: "\n# TYPE \(family.name) \(family.type.textFormatName)\n".utf8)
        return bytes
    }
}
