internal import ExporterWeb
internal import Exposition
internal import FlashbackCollectors

/// The list of all metric sources: scrapes, `name[]`, `collect` and the reference are derived from it.
enum MetricSources {
    /// All sources, in output order. A source without anything to describe renders no samples.
    /// - Parameters:
    /// - collectors: the enabled collectors.
    ///   - report: the result of the latest reload of the exporter's settings.
    static func all(
        collectors: [any Collector.Type] = CollectorCatalogue.all, accounts: AccountSet? = nil,
        webConfiguration: ReloadingWebConfiguration? = nil, report: @escaping @Sendable () -> ReloadReport? = { nil }
    ) -> [MetricSource] {
        [
            MetricSource(collectors.map(section) + [collection]) { scope in
                await accounts?.snapshot(within: scope.timeout, of: scope.accounts) ?? .empty
            },
            MetricSource(
                [MetricSource.Section("Probes", summary: probes, families: ProbeCountFamilies.families)], isAboutProcess: true
            ) {
                _ in await accounts?.probeCounts() ?? .empty
            },
            MetricSource(ofExporter: ReloadFamilies.self) {
                ReloadFamilies.rendered(exporter: report(), web: webConfiguration?.report)
            },
            .build,
            .process,
        ]
    }

    private static let probes =
        "Counted with `--probe.enabled`. [probes.md](probes.md) describes the series in the answers of `/probe`."

    private static func section(_ collector: any Collector.Type) -> MetricSource.Section {
        MetricSource.Section(
            "Collector `\(collector.name)`",
            summary: "\(collector.summary) Requests \(requests(of: collector)); \(flag(of: collector)).",
            families: CollectorCatalogue.families(of: collector))
    }

    private static func requests(of collector: any Collector.Type) -> String {
        collector.endpoints.map { "`\($0)`" }.joined(separator: " and ")
    }

    private static func flag(of collector: any Collector.Type) -> String {
        collector.isOnByDefault
            ? "disable with `--no-collector.\(collector.name)`" : "off by default, enable with `--collector.\(collector.name)`"
    }

    private static var collection: MetricSource.Section {
        MetricSource.Section("The collection and the API", families: CollectorCatalogue.ownFamilies)
    }
}
