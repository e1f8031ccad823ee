internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials

/// The page's section about accounts, when there are several.
struct AccountTable {
    let accounts: [ExporterOverview.Account]
    let wording: Wording

    var html: HTML {
        """
        <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        <table role="table" class="collectors">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Account</th>\
        <th role="columnheader" scope="col">API</th><th role="columnheader" scope="col">Token expires</th>\
        <th role="columnheader" scope="col">Buckets reachable</th>\
        <th role="columnheader" scope="col">Collectors good</th></tr></thead>
        <tbody role="rowgroup">
        \(accounts.map(row))</tbody>
        </table></section>

        """
    }

    private func row(_ account: ExporterOverview.Account) -> HTML {
        let buckets = account.buckets.map { buckets in
            "\(Wording.grouped(buckets.count { $0.isReachable })) of \(Wording.grouped(buckets.count))"
        }
        let states = account.overview.collectors.map { CollectorState(of: $0, at: wording.now) }
        let collectors = "\(states.count { $0 == .good }) of \(states.count { $0 != .off })"
        return """
            <tr role="row"><th role="rowheader" scope="row">\(account.label)\
            <small>\(text: Wording.shortened(account.address))</small>\(problem(of: account))</th>\
            <td role="cell">\(Self.badge(account.overview.availability))</td>\
            <td role="cell" data-label="Token expires">\(account.overview.token.expiresAt.map(wording.relative) ?? "–")</td>\
            <td role="cell" data-label="Reachable">\(text: buckets ?? "–")</td>\
            <td role="cell" data-label="Collectors">\(text: collectors)</td></tr>

            """
    }

    private func problem(of account: ExporterOverview.Account) -> HTML {
        guard let problem = account.overview.problem else { return "" }
        return "<ul class=\"why\"><li><code>\(text: Wording.shortened(problem, to: 300))</code></li></ul>"
    }

    private static func badge(_ availability: AccountOverview.Availability) -> HTML {
        switch availability {
        case .reachable: "<b class=\"good\">reachable</b>"
        case .unreachable: "<b class=\"bad\">not reachable</b>"
        case .notAskedYet: "<b class=\"muted\">not asked yet</b>"
        }
    }
}

extension ExporterOverview.Account {
    /// The displayed name.
    var shownName: String { name.map { Wording.shortened($0, to: 60) } ?? "the account without a name" }

    /// The account's name, isolated from the surrounding text direction.
    var label: HTML { "<bdi>\(text: shownName)</bdi>" }
}
