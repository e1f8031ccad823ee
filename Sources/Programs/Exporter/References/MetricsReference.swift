internal import ExporterWeb
internal import Exposition

/// Generates the reference of all metrics from their declarations.
enum MetricsReference {
    /// The whole document.
    static var markdown: String {
        var text = """
            # Metrics

            Generated from the code by `./scripts/update-docs.sh`; do not edit.

            Every series of a bucket carries `bucket_id` and `bucket_name`, every series of a node also `node`. Times are seconds since
            1970-01-01 UTC, durations seconds, sizes bytes and ratios from 0 to 1. A field that the API omits has no series.
            If the configuration names accounts, every series except those of the exporter itself has the label `account` before
            all others.


            """
        let sections = MetricSources.all().flatMap(\.sections)
        var titles: [String] = []
        for section in sections where !titles.contains(section.title) { titles.append(section.title) }
        for title in titles {
            let parts = sections.filter { $0.title == title }
            text += "## \(title)\n\n"
            for summary in parts.compactMap(\.summary) { text += "\(summary)\n\n" }
            text += table(of: parts.flatMap(\.families)) + "\n"
        }
        text.removeLast()
        return text
    }

    private static func table(of families: [MetricFamily]) -> String {
        var lines = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
        for family in families {
            let labels = family.labelNames.map { "`\($0)`" }.joined(separator: " ")
            lines.append("| `\(family.name)` | \(family.type.rawValue) | \(labels) | \(family.help) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
