internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors

/// What a scrape of an account costs, by metric, and what other settings would save.
struct CostTable {
    /// What costs or saves something, and how much.
    private struct Row {
        let name: String
        let cost: SampleCost

        init(_ name: String, _ cost: SampleCost) {
            self.name = name
            self.cost = cost
        }
    }

    /// The table with its heading.
    let lines: [String]

    init(_ account: SampledAccount, _ configuration: CollectionConfiguration) async {
        let snapshot = await Self.snapshot(of: account, configuration)
        let families = snapshot.families.map { Row($0.family.name, $0.cost) }
        let total = Self.sum(families.map(\.cost))
        var savings = Self.collectors(configuration, in: snapshot)
        for (name, metrics) in Self.selections(instead: configuration.metrics) {
            var changed = configuration
            changed.metrics = metrics
            let rest = await Self.snapshot(of: account, changed).families
            savings.append(Row(name, total - Self.sum(rest.map(\.cost))))
        }
        let rows =
            Self.sorted(families) + [Row("total", total)]
            + Self.sorted(savings.filter { $0.cost.series > 0 }).map { Row("saved by \($0.name)", $0.cost) }
        lines =
            [Self.heading(account, total, gzip: snapshot.byteCount(in: .text, coding: .gzip))] + Self.table(rows, of: total)
    }

    // MARK: Costs

    /// The account's samples, and those about the exporter itself.
    private static func snapshot(
        of account: SampledAccount, _ configuration: CollectionConfiguration
    ) async -> MetricSnapshot {
        let own = await MetricSources.all().limited(to: configuration.metrics).snapshot()
        return .merging([await account.snapshot(under: configuration), own])
    }

    /// The costs of the samples that depend on a collector, by the flag that disables it.
    private static func collectors(_ configuration: CollectionConfiguration, in snapshot: MetricSnapshot) -> [Row] {
        let costs = snapshot.families.map(\.costsByCollector)
        return CollectorCatalogue.all.filter { configuration.isOn($0) }.map { collector in
            Row("--no-collector.\(collector.name)", sum(costs.compactMap { $0[collector.name] }))
        }
    }

    /// Other selections of metrics, with their names.
    private static func selections(instead metrics: MetricSelection) -> [(name: String, metrics: MetricSelection)] {
        let reachability = ReachabilityMetrics.selected(by: metrics)
        var selections: [(name: String, metrics: MetricSelection)] = [("the metrics for reachability only", reachability)]
        if metrics.states == .current { return selections }
        for (name, selection) in [
            ("--metrics.states=current", metrics), ("both of these", reachability),
        ] {
            selections.append((name, MetricSelection(families: selection.families, states: .current)))
        }
        return selections
    }

    private static func sum(_ costs: [SampleCost]) -> SampleCost { costs.reduce(into: SampleCost()) { $0 += $1 } }

    /// The most expensive first.
    private static func sorted(_ rows: [Row]) -> [Row] { rows.sorted { $0.cost.bytes > $1.cost.bytes } }

    // MARK: Lines

    private static func heading(_ account: SampledAccount, _ total: SampleCost, gzip: Int) -> String {
        var text = "scrape: \(total.series) series, \(total.bytes) bytes, \(gzip) with gzip"
        if let count = account.sampleCount, count < account.bucketCount {
            text += "; estimated from \(count) of \(account.bucketCount) buckets"
        }
        return text
    }

    private static func table(_ rows: [Row], of total: SampleCost) -> [String] {
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        return [line("metric", ["series", "bytes", "share"], width)]
            + rows.map { row in
                let share = total.bytes == 0 ? 0 : (1000 * Double(row.cost.bytes) / Double(total.bytes)).rounded() / 10
                return line(row.name, ["\(row.cost.series)", "\(row.cost.bytes)", "\(share)%"], width)
            }
    }

    private static func line(_ name: String, _ cells: [String], _ width: Int) -> String {
        func spaces(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
        return cells.reduce(name + spaces(width - name.count - 1)) { $0 + spaces(11 - $1.count) + $1 }
    }
}
