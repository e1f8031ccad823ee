import ExporterWeb
import Exposition
import FlashbackCollectors
import Testing

@testable import FlashbackExporter

/// Every declared family follows Prometheus' naming conventions.
@Suite struct MetricNamingTests {
    /// The families of all declarations. Two collectors may share a declaration.
    private static let declared: [(source: String, families: [MetricFamily])] =
        MetricSources.all().flatMap(\.sections).map { ($0.title, $0.families) }
        + [("backfill", TrafficHistoryFamilies.families)]

    private static let all = declared.flatMap(\.families)

    /// Suffixes of units that are not base units.
    private static let otherUnits = [
        "milliseconds", "ms", "minutes", "hours", "days", "percent", "percentage", "kilobytes", "mb", "gb", "bits",
    ]

    @Test func familiesAreDeclared() {
        #expect(Self.all.count > 30)
        #expect(Self.declared.allSatisfy { !$0.families.isEmpty })
    }

    @Test(arguments: all)
    func namesAreValid(_ family: MetricFamily) {
        #expect(family.name.wholeMatch(of: /(flashback|process)_[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(family.name)")
        #expect(family.name.wholeMatch(of: /.*_(sum|count|bucket)/) == nil, "\(family.name)")
    }

    @Test(arguments: all)
    func namesEndWithUnitAndType(_ family: MetricFamily) {
        var words = family.name.split(separator: "_").map(String.init)
        #expect((words.last == "total") == (family.type == .counter), "\(family.name)")
        if words.last == "total" { words.removeLast() }
        #expect((words.last == "info") == (family.type == .info), "\(family.name)")
        if let unit = family.unit { #expect(words.last == unit.rawValue, "\(family.name)") }
        for unit in ["seconds", "bytes", "ratio"] where words.last == unit {
            #expect(family.unit?.rawValue == unit, "\(family.name)")
        }
        #expect(!Self.otherUnits.contains(words.last ?? ""), "\(family.name)")
        if words.contains("timestamp") { #expect(family.name.hasSuffix("_timestamp_seconds"), "\(family.name)") }
        #expect(family.type != .info || family.unit == nil)
    }

    @Test(arguments: all)
    func helpIsOneSentence(_ family: MetricFamily) {
        #expect(family.help.hasSuffix("."), "\(family.name)")
        #expect(!family.help.contains("\n") && !family.help.contains("|") && !family.help.contains("  "), "\(family.name)")
        #expect(family.help.first?.isUppercase == true, "\(family.name)")
        #expect(family.help.count > 10, "\(family.name)")
    }

    @Test(arguments: all)
    func labelsAvoidNamesOfPrometheusSetups(_ family: MetricFamily) {
        for name in family.labelNames {
            #expect(name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(family.name): \(name)")
            #expect(
                ![
                    "region", "type", "zone", "cluster", "service", "env", "job", "instance", "le", "quantile", "namespace",
                    "pod", "container",
                ]
                .contains(name),
                "\(family.name): \(name)")
            // The Prometheus operator's label for the port, which the ServiceMonitors drop.
            #expect(name != "endpoint" || family.name == "flashback_bucket_info" || family.name.hasPrefix("flashback_api_"))
        }
        #expect(Set(family.labelNames).count == family.labelNames.count, "\(family.name)")
    }

    @Test(arguments: all.filter { $0.name.hasPrefix("flashback_bucket_") })
    func bucketSeriesNameTheirBucket(_ family: MetricFamily) {
        #expect(family.labelNames.prefix(2) == ["bucket_id", "bucket_name"])
        #expect(family.name.hasPrefix("flashback_bucket_node_") == family.labelNames.contains("node"))
    }

    @Test func namesAreUnique() {
        for (name, families) in Dictionary(grouping: Self.all, by: \.name) {
            #expect(Set(families).count == 1, "\(name) is declared in two ways")
        }
        for (source, families) in Self.declared {
            #expect(Set(families.map(\.name)).count == families.count, "\(source) declares a name twice")
        }
        // A family with several sources must have one declaration that they share completely.
        for (index, one) in Self.declared.enumerated() {
            for other in Self.declared[(index + 1)...] {
                let shared = Set(one.families.map(\.name)).intersection(other.families.map(\.name))
                #expect(shared.isEmpty || one.families == other.families, "\(one.source) and \(other.source): \(shared)")
            }
        }
    }

    @Test func collectorNamesAreValidInFlags() {
        let names = CollectorCatalogue.all.map { $0.name }
        #expect(Set(names).count == names.count)
        for collector in CollectorCatalogue.all {
            #expect(collector.name.wholeMatch(of: /[a-z][a-z-]*/) != nil)
            #expect(collector.summary.hasPrefix("Export ") && collector.summary.hasSuffix("."))
            #expect(collector.defaultLifetime > .zero)
        }
    }
}
