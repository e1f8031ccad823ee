internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials

/// The short facts below the page's verdict, about the only account or all accounts together.
struct Facts {
    let overview: ExporterOverview
    let listing: BucketListing
    let wording: Wording

    var html: HTML {
        """
        <dl>
        <div><dt>\(isAlone ? "API" : "<a href=\"#accounts\">APIs</a>")</dt><dd>\(api)</dd></div>
        <div><dt>\(isAlone ? "Access token" : "<a href=\"#accounts\">Access tokens</a>")</dt><dd>\(token)</dd></div>
        <div><dt><a href="#buckets">Buckets</a></dt><dd>\(reachable)</dd></div>
        <div><dt><a href="#collectors">Collectors</a></dt><dd>\(collectors)</dd></div>
        </dl>

        """
    }

    private var isAlone: Bool { !overview.hasSeveralAccounts }
    private var accounts: [ExporterOverview.Account] { overview.accounts }

    private var api: HTML {
        guard isAlone, let account = accounts.first else {
            let states = accounts.map(\.overview.availability)
            let others: [HTML] = [
                (states.count { $0 == .unreachable }, "not reachable"), (states.count { $0 == .notAskedYet }, "not asked yet"),
            ].compactMap { count, words in count == 0 ? nil : "\(text: String(count)) \(text: words)" }
            return """
                <strong>\(text: String(states.count { $0 == .reachable })) of \(text: String(states.count)) reachable</strong> \
                <small>\(others.isEmpty ? "one per account" : HTML(others, separatedBy: ", "))</small>
                """
        }
        let since: HTML = account.overview.list.since.map { "for \(wording.elapsed(since: $0)), " } ?? ""
        let address: HTML = "<small>\(since)<span>\(text: account.address)</span></small>"
        return switch account.overview.availability {
        case .reachable: "<strong>reachable</strong> \(address)"
        case .unreachable: "<strong>not reachable</strong> \(address)"
        case .notAskedYet: "<strong>not asked yet</strong> <small>\(text: account.address)</small>"
        }
    }

    /// Of several tokens, the one that expires first.
    private var token: HTML {
        func end(_ account: ExporterOverview.Account) -> Date { account.overview.token.expiresAt ?? .distantFuture }
        guard let first = accounts.min(by: { end($0) < end($1) }) else { return "" }
        let renewal: HTML = first.overview.token.renewals != nil ? "renewed by the exporter" : "not renewed by the exporter"
        guard let end = first.overview.token.expiresAt else {
            return "<strong>expiry unknown</strong> <small>\(isAlone ? renewal : "of any account")</small>"
        }
        let verb = end > overview.date ? "expires" : "expired"
        let account: HTML = isAlone ? "" : "the first, of \(first.label), "
        return "<strong>\(text: verb) \(wording.relative(end))</strong> <small>\(account)\(renewal)</small>"
    }

    private var reachable: HTML {
        let known = accounts.compactMap(\.buckets)
        if known.isEmpty { return "<strong>unknown</strong>" }
        // Accounts without data are neither unreachable nor reachable.
        let total = listing.counts.total
        let reachable = Wording.grouped(known.reduce(0) { $0 + $1.count { $0.isReachable } })
        let ill = total - listing.counts[.well]
        let advice: HTML =
            ill == 0 ? "none needs attention" : "\(text: Wording.grouped(ill)) \(ill == 1 ? "needs" : "need") attention"
        let isOld = accounts.contains { $0.buckets != nil && $0.overview.availability == .unreachable }
        let age: HTML = isOld ? isAlone ? ", as last read" : ", partly as last read" : ""
        let unknown = accounts.count - known.count
        let rest: HTML = unknown == 0 ? "" : ", unknown for \(text: Wording.counted(unknown, "account"))"
        return """
            <strong>\(text: reachable) of \(text: Wording.grouped(total)) reachable</strong> <small>\(advice)\(age)\(rest)</small>
            """
    }

    private var collectors: HTML { CollectorTable.summary(of: accounts.flatMap(\.overview.collectors), at: overview.date) }
}
