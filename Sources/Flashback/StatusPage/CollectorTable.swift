internal import FoundationEssentials

/// The page's section about the collectors of all accounts.
struct CollectorTable {
    let accounts: [ExporterOverview.Account]
    let wording: Wording

    var html: HTML {
        """
        <section aria-labelledby="collectors">
        <h2 id="collectors">Collectors</h2>
        <table role="table" class="collectors">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Collector</th>\
        <th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Last success</th>\
        <th role="columnheader" scope="col">Took</th></tr></thead>
        <tbody role="rowgroup">
        \(accounts.flatMap { account in account.collectors.map { row($0, of: account) } })</tbody>
        </table></section>

        """
    }

    private func row(_ collector: CollectorOverview, of account: ExporterOverview.Account) -> HTML {
        let name: HTML = accounts.count > 1 ? "<small>\(account.label)</small>" : ""
        let took = collector.hasRun ? Wording.latency(collector.duration) : "–"
        return """
            <tr role="row"><th role="rowheader" scope="row">\(text: collector.name)\(name)\(failure(of: collector))</th>\
            <td role="cell">\(badge(of: collector))</td>\
            <td role="cell" data-label="Last success">\(collector.lastSuccess.map(wording.relative) ?? "–")</td>\
            <td role="cell" data-label="Took">\(text: took)</td></tr>

            """
    }

    private func failure(of collector: CollectorOverview) -> HTML {
        guard let failure = collector.latestFailure else { return "" }
        return """
            <ul class="why"><li>latest error, \(wording.relative(failure.date)): \
            <code>\(text: Wording.shortened(failure.message, to: 300))</code></li></ul>
            """
    }

    private func badge(of collector: CollectorOverview) -> HTML {
        let state = collector.state(at: wording.now)
        let words = Self.words(for: state)
        return switch state {
        case .good: "<b class=\"good\">\(words)</b>"
        case .partly: "<b class=\"warning\">fails for \(text: Wording.counted(collector.failingBuckets, "bucket"))</b>"
        case .failing: "<b class=\"bad\">\(words)</b>"
        case .stale: "<b class=\"warning\">\(words)</b>"
        case .waiting, .off: "<b class=\"muted\">\(words)</b>"
        }
    }

    /// The number of collectors in good state, and the states of the others.
    static func summary(of collectors: [CollectorOverview], at date: Date) -> HTML {
        let states = collectors.map { $0.state(at: date) }
        let others: [HTML] = CollectorOverview.State.allCases.compactMap { state in
            let count = states.count { $0 == state }
            return state == .good || count == 0 ? nil : "\(text: String(count)) \(words(for: state))"
        }
        return """
            <strong>\(text: String(states.count { $0 == .good })) of \(text: String(states.count { $0 != .off })) good</strong> \
            <small>\(others.isEmpty ? "no failures" : HTML(others, separatedBy: ", "))</small>
            """
    }

    /// A state's displayed name.
    static func words(for state: CollectorOverview.State) -> HTML {
        switch state {
        case .good: "good"
        case .partly: "partly failing"
        case .failing: "failing"
        case .stale: "stale"
        case .waiting: "pending"
        case .off: "off"
        }
    }
}
