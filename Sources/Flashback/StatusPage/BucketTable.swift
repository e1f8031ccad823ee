internal import Basics
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials

/// The page's section about buckets: a search form, one page of the list, and links to the other pages.
struct BucketTable {
    let listing: BucketListing
    let query: PageQuery
    let wording: Wording
    /// Whether to show each bucket's account.
    let namesAccounts: Bool

    /// The maximum number of nodes and failures shown for one bucket.
    private static let maximumReasons = 4
    /// The age in seconds from which a row with a problem shows its age: the lifetime of node reports.
    private static let noteworthyAge = 30.0

    var html: HTML {
        """
        <section aria-labelledby="buckets">
        <div class="head"><h2 id="buckets">Buckets</h2>
        <form method="get" role="search"><label for="q">\(namesAccounts ? "Name, identifier or account" : "Name or identifier")</label>
        <input type="search" id="q" name="q" value="\(text: query.search)" maxlength="200" autocomplete="off" spellcheck="false">
        <button>Search</button></form></div>
        \(summary)\(listing.entries.isEmpty ? "" : table)\(navigation)</section>

        """
    }

    // MARK: Around the table

    private var summary: HTML {
        if !query.search.isEmpty {
            let found = listing.paging.rows
            return """
                <p>\(text: Wording.grouped(found)) of \(text: Wording.counted(listing.counts.total, "bucket")) \(found == 1 ? "matches" : "match")
                <q><bdi>\(text: query.search)</bdi></q>. <a href="?">Show all</a></p>

                """
        }
        if listing.counts.total == 0 { return "<p>\(namesAccounts ? "The accounts have" : "The account has") no buckets.</p>\n" }
        let kinds: [HTML] = BucketHealth.allCases.compactMap { kind in
            let count = listing.counts[kind]
            return count == 0 ? nil : "<li>\(Self.badge(kind, before: Wording.grouped(count) + " "))</li>"
        }
        return "<ul class=\"counts\">\(kinds)</ul>\n"
    }

    private var navigation: HTML {
        let paging = listing.paging
        guard paging.pages > 1 else { return "" }
        let hasBefore = paging.page > 1
        let hasAfter = paging.page < paging.pages
        let rows = "\(Wording.grouped(paging.range.lowerBound + 1))–\(Wording.grouped(paging.range.upperBound))"
        return """
            <nav aria-label="Pages of buckets">
            \(link("First", to: 1, hasBefore))\(link("Previous", to: paging.page - 1, hasBefore))
            <span>Page \(text: Wording.grouped(paging.page)) of \(text: Wording.grouped(paging.pages))
            <small>\(text: rows) of \(text: Wording.grouped(paging.rows))</small></span>
            \(link("Next", to: paging.page + 1, hasAfter))\(link("Last", to: paging.pages, hasAfter))
            </nav>

            """
    }

    private func link(_ words: String, to page: Int, _ isThere: Bool) -> HTML {
        isThere
            ? "<a href=\"\(text: query.link(toPage: page))\">\(text: words)</a>"
            : "<a role=\"link\" aria-disabled=\"true\">\(text: words)</a>"
    }

    // MARK: The table

    /// Roles are explicit, because some browsers no longer treat a table with rows laid out as cards as a table.
    private var table: HTML {
        """
        <table role="table" class="buckets">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Bucket</th>\
        <th role="columnheader" scope="col">Status</th><th role="columnheader" scope="col">Nodes online</th>\
        <th role="columnheader" scope="col">Latency</th>\
        <th role="columnheader" scope="col">Uptime today</th></tr></thead>
        <tbody role="rowgroup">
        \(listing.entries.map(row))</tbody>
        </table>
        <p class="note">Latency and uptime are those of the bucket’s best node. Today is the current UTC day.</p>

        """
    }

    private func row(_ entry: BucketListing.Entry) -> HTML {
        let bucket = entry.bucket
        let nodes = bucket.nodes.map { "\(Wording.grouped($0.online)) of \(Wording.grouped($0.total))" } ?? "–"
        return """
            <tr role="row"><th role="rowheader" scope="row"><div>\(Self.name(of: entry))</div>\(reasons(for: entry))</th>\
            <td role="cell">\(Self.badge(entry.health))</td>\
            <td role="cell" data-label="Nodes online">\(text: nodes)</td>\
            <td role="cell" data-label="Latency">\(text: bucket.latency.map(Wording.latency) ?? "–")</td>\
            <td role="cell" data-label="Uptime today">\(text: bucket.uptimeToday.map(Wording.percentage) ?? "–")</td></tr>

            """
    }

    /// A bucket's name, or its identifier if the name is blank.
    private static func name(of entry: BucketListing.Entry) -> HTML {
        let bucket = entry.bucket
        let isBlank = bucket.name.unicodeScalars.allSatisfy {
            $0.properties.isWhitespace || $0.properties.isDefaultIgnorableCodePoint
        }
        let shown = Wording.shortened(isBlank ? bucket.id.text : bucket.name)
        let details: [HTML] = [entry.account.map { Wording.shortened($0, to: 60) }, Wording.shortened(bucket.description)]
            .compactMap { $0 }.filter { !$0.isEmpty }.map { "<bdi>\(text: $0)</bdi>" }
        let description: HTML = details.isEmpty ? "" : "<small>\(HTML(details, separatedBy: " · "))</small>"
        return "<bdi title=\"\(text: Wording.shortened(bucket.id.text))\">\(text: shown)</bdi>\(description)"
    }

    private static func badge(_ health: BucketHealth, before: String = "") -> HTML {
        switch health {
        case .unreachable: "<b class=\"bad\">\(text: before)unreachable</b>"
        case .degraded: "<b class=\"warning\">\(text: before)degraded</b>"
        case .failing: "<b class=\"warning\">\(text: before)failing reads</b>"
        case .outdated: "<b class=\"muted\">\(text: before)old data</b>"
        case .unknown: "<b class=\"muted\">\(text: before)unknown</b>"
        case .well: "<b class=\"good\">\(text: before)online</b>"
        }
    }

    // MARK: Reasons

    private func reasons(for entry: BucketListing.Entry) -> HTML {
        guard entry.health != .well else { return "" }
        let reasons = away(entry.bucket) + listed(entry) + age(entry.bucket) + failures(entry.bucket)
        return reasons.isEmpty ? "" : "<ul class=\"why\">\(reasons)</ul>"
    }

    /// The nodes that are not online, grouped by status.
    private func away(_ bucket: BucketSummary) -> [HTML] {
        var rest = (bucket.nodes?.away ?? [])[...]
        var reasons: [HTML] = []
        while let status = rest.first.map(\.status), reasons.count < Self.maximumReasons {
            let nodes = rest.filter { $0.status == status }
            rest = rest.filter { $0.status != status }[...]
            let named: [HTML] = nodes.prefix(Self.maximumReasons).map { node in
                let region: HTML = node.region.map { " (\(text: Wording.shortened($0, to: 40)))" } ?? ""
                return "<bdi>\(text: Wording.shortened(node.node.text, to: 60))\(region)</bdi>"
            }
            let unnamed = nodes.count - named.count
            let more: HTML = unnamed > 0 ? ", and \(text: Wording.counted(unnamed, "node")) more" : ""
            reasons.append("<li>\(Self.words(status)): \(HTML(named, separatedBy: ", "))\(more)</li>")
        }
        return reasons
    }

    /// The list's status, if the nodes have none or contradict it.
    private func listed(_ entry: BucketListing.Entry) -> [HTML] {
        guard entry.bucket.nodes == nil || entry.health == .unknown else { return [] }
        guard let status = entry.bucket.listedStatus else { return ["<li>no status in the bucket list</li>"] }
        return ["<li>bucket list: \(Self.words(status))</li>"]
    }

    /// When its nodes' reports were last read, unless that was recently.
    private func age(_ bucket: BucketSummary) -> [HTML] {
        guard let date = bucket.nodesReadAt else { return [] }
        guard bucket.nodes == nil || wording.now.timeIntervalSince(date) > Self.noteworthyAge else { return [] }
        return ["<li>nodes last read \(wording.relative(date))</li>"]
    }

    private func failures(_ bucket: BucketSummary) -> [HTML] {
        bucket.failures.prefix(Self.maximumReasons).map {
            "<li>collector \(text: $0.collector): <code>\(text: Wording.shortened($0.message, to: 300))</code></li>"
        }
    }

    private static func words(_ status: ReachabilityStatus?) -> HTML {
        switch status {
        case .online: "online"
        case .offline: "offline"
        case .disconnected: "disconnected"
        case .unknown(let word): "<bdi>“\(text: Wording.shortened(word, to: 40))”</bdi>"
        case nil: "no status"
        }
    }
}
