package import Basics
package import Exposition

/// A source of metrics: the families that it declares, and its samples for a scrape.
///
/// The response to a scrape, the values of the parameter `name[]` and the reference of all metrics are derived from one list of
/// sources, so that a family cannot be served without being declared.
package struct MetricSource: Sendable {
    /// Families that the reference shows together.
    package struct Section: Sendable {
        /// The heading in the reference.
        package let title: String
        /// One paragraph about the families; nil for none.
        package let summary: String?
        /// The families, in the order of the reference.
        package let families: [MetricFamily]

        /// - Parameters:
        ///   - title: the heading in the reference.
        ///   - summary: one paragraph about the families; nil for none.
        ///   - families: in the order of the reference.
        package init(_ title: String, summary: String? = nil, families: [MetricFamily]) {
            self.title = title
            self.summary = summary
            self.families = families
        }
    }

    /// The declared families, in the order of the reference.
    package let sections: [Section]
    /// Whether the samples describe the running process, and are useless after its end.
    package let isAboutProcess: Bool
    private let render: @Sendable (ScrapeScope) async -> MetricSnapshot

    /// - Parameters:
    ///   - sections: all families that it can render.
    ///   - isAboutProcess: whether the samples describe the running process.
    ///   - render: creates the samples for a scrape; called for every scrape, possibly concurrently.
    package init(
        _ sections: [Section], isAboutProcess: Bool = false, render: @escaping @Sendable (ScrapeScope) async -> MetricSnapshot
    ) {
        self.sections = sections
        self.isAboutProcess = isAboutProcess
        self.render = render
    }

    /// A source about the exporter itself.
    package init<Family: MetricFamilySet>(
        ofExporter _: Family.Type, isAboutProcess: Bool = true, rendered: @escaping @Sendable () -> [RenderedFamily]
    ) {
        self.init([Section("The exporter itself", families: Family.families)], isAboutProcess: isAboutProcess) { _ in
            MetricSnapshot(rendered())
        }
    }

    /// The program's version.
    package static let build = MetricSource(ofExporter: BuildInformation.Families.self, isAboutProcess: false) {
        BuildInformation.rendered
    }

    /// The process' resources.
    package static let process = MetricSource(ofExporter: ProcessFamilies.self) { ProcessFamilies.rendered() }

    /// The families of all sections.
    package var families: [MetricFamily] { sections.flatMap(\.families) }

    /// This source without the families that are not selected.
    func limited(to selection: MetricSelection) -> MetricSource {
        let sections = sections.map { section in
            Section(section.title, summary: section.summary, families: section.families.filter(selection.admits))
        }
        let names = Set(sections.flatMap(\.families).map(\.name))
        if names.count == Set(families.map(\.name)).count { return self }
        return MetricSource(sections, isAboutProcess: isAboutProcess) { [render] scope in
            await render(scope).limited(to: names)
        }
    }

    /// The samples for a scrape.
    func snapshot(of scope: ScrapeScope) async -> MetricSnapshot { await render(scope) }
}

/// What a scrape requests from the sources.
package struct ScrapeScope: Sendable {
    /// How long the scrape may wait; nil for as long as it takes.
    package let timeout: Duration?
    /// The accounts to include; nil for all.
    package let accounts: Set<Identifier>?

    package init(timeout: Duration? = nil, accounts: Set<Identifier>? = nil) {
        self.timeout = timeout
        self.accounts = accounts
    }
}

extension [MetricSource] {
    /// These sources without the families that are not selected.
    package func limited(to selection: MetricSelection) -> [MetricSource] { map { $0.limited(to: selection) } }

    /// The samples of all sources, in their order.
    package func snapshot(of scope: ScrapeScope = ScrapeScope()) async -> MetricSnapshot {
        var snapshots: [MetricSnapshot] = []
        for source in self { snapshots.append(await source.snapshot(of: scope)) }
        return .merging(snapshots)
    }
}
