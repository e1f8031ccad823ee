internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors
internal import FlashbackRecording

/// Generates `docs/metrics.json`, the machine-readable declarations of all metrics. A test compares it with the latest release's.
enum MetricsDeclarations {
    /// The whole document, with one family per line so that differences are easy to read.
    static var json: String {
        let families = declared.map { "    \($0)" }.joined(separator: ",\n")
        return """
            {
              "version": \(quoted(BuildInformation.version)),
              "families": [
            \(families)
              ]
            }

            """
    }

    /// One object per family, in the order of `/metrics`. Collectors may share a family.
    private static var declared: [String] {
        let collectors = CollectorCatalogue.all.map {
            (name: $0.name, families: Set(CollectorCatalogue.families(of: $0).map(\.name)))
        }
        var written: Set<String> = []
        return MetricSources.all().flatMap(\.families).filter { written.insert($0.name).inserted }.map { family in
            object(family, collectors: collectors.filter { $0.families.contains(family.name) }.map(\.name))
        }
    }

    /// - Parameter collectors: the names of those that write the family; none for families that do not depend on a collector.
    private static func object(_ family: MetricFamily, collectors: [String]) -> String {
        let members: [(name: String, value: String)] = [
            ("name", quoted(family.name)),
            ("type", quoted(family.type.rawValue)),
            ("unit", family.unit.map { quoted($0.rawValue) } ?? "null"),
            ("labels", list(family.labelNames)),
            ("collectors", list(collectors)),
            ("help", quoted(family.help)),
        ]
        return "{" + members.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}"
    }

    private static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

    private static func quoted(_ text: String) -> String { String(decoding: JSONLine.string(text), as: UTF8.self) }
}
