internal import Basics
internal import FlashbackCollectors
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
        \(accounts.flatMap { account in account.overview.collectors.map { row($0, of: account) } })</tbody>
        </table></section>

        """
    }

    private func row(_ collector: AccountOverview.Collector, of account: ExporterOverview.Account) -> HTML {
        let name: HTML = accounts.count > 1 ? "<small>\(account.label)</small>" : ""
        let report = collector.report.flatMap { $0.hasRun ? $0 : nil }
        let took = report.map { Wording.latency($0.duration.inSeconds) } ?? "–"
        return """
            <tr role="row"><th role="rowheader" scope="row">\(text: collector.name)\(name)\(failure(of: collector))</th>\
            <td role="cell">\(badge(of: collector))</td>\
            <td role="cell" data-label="Last success">\(collector.report?.lastSuccess.map(wording.relative) ?? "–")</td>\
            <td role="cell" data-label="Took">\(text: took)</td></tr>

            """
    }

    private func failure(of collector: AccountOverview.Collector) -> HTML {
        guard let failure = collector.report?.latestFailure else { return "" }
        return """
            <ul class="why"><li>latest error, \(wording.relative(failure.date)): \
            <code>\(text: Wording.shortened(failure.message, to: 300))</code></li></ul>
            """
    }

    private func badge(of collector: AccountOverview.Collector) -> HTML {
        let state = CollectorState(of: collector, at: wording.now)
        let words = state.words
        return switch state {
        case .good: "<b class=\"good\">\(words)</b>"
        case .partly: "<b class=\"warning\">fails for \(text: Wording.counted(collector.failingBuckets, "bucket"))</b>"
        case .failing: "<b class=\"bad\">\(words)</b>"
        case .stale: "<b class=\"warning\">\(words)</b>"
        case .waiting, .off: "<b class=\"muted\">\(words)</b>"
        }
    }

    /// The number of collectors in good state, and the states of the others.
    static func summary(of collectors: [AccountOverview.Collector], at date: Date) -> HTML {
        let states = collectors.map { CollectorState(of: $0, at: date) }
        let others: [HTML] = CollectorState.allCases.compactMap { state in
            let count = states.count { $0 == state }
            return state == .good || count == 0 ? nil : "\(text: String(count)) \(state.words)"
        }
        return """
            <strong>\(text: String(states.count { $0 == .good })) of \(text: String(states.count { $0 != .off })) good</strong> \
            <small>\(others.isEmpty ? "no failures" : HTML(others, separatedBy: ", "))</small>
            """
    }
}
