internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials

/// A problem that the page shows first.
struct Finding {
    enum Severity: Int, Comparable {
        case bad, warning

        static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    let severity: Severity
    let title: String
    let detail: HTML

    /// A token that is not renewed is reported when it expires in less than this many seconds.
    private static let shortTokenLife = 600.0

    /// All problems, the most severe first.
    static func all(in overview: ExporterOverview, _ health: HealthCounts) -> [Finding] {
        let wording = Wording(now: overview.date)
        let (accounts, date) = (overview.accounts, overview.date)
        func named(_ findings: [Finding], _ account: ExporterOverview.Account) -> [Finding] {
            overview.hasSeveralAccounts ? findings.map { $0.about(account) } : findings
        }
        let findings =
            accounts.flatMap { account in
                named(
                    api(account, at: date, wording) + token(account, at: date, wording)
                        + AccountFindings.all(about: account.overview.account), account)
            } + buckets(health)
            + accounts.flatMap { named(collectors($0, at: date, wording), $0) }
        // Keeps the order within a severity: Swift's sort is not guaranteed to be stable.
        return findings.filter { $0.severity == .bad } + findings.filter { $0.severity == .warning }
    }

    /// The finding with the account's name, if there are several accounts.
    private func about(_ account: ExporterOverview.Account) -> Finding {
        Finding(severity: severity, title: "\(account.shownName): \(title)", detail: detail)
    }

    private static func api(_ account: ExporterOverview.Account, at date: Date, _ wording: Wording) -> [Finding] {
        let overview = account.overview
        var findings: [Finding] = []
        switch overview.availability {
        case .reachable: break
        case .notAskedYet:
            findings.append(
                Finding(severity: .warning, title: "The API has not answered yet", detail: "The first refresh is under way."))
        case .unreachable:
            let since: HTML = overview.list.since.map { "For \(wording.elapsed(since: $0)): " } ?? ""
            let consequence: HTML =
                overview.buckets == nil
                ? "The last known buckets are too old to be shown." : "The last known state of the buckets is shown."
            findings.append(
                Finding(
                    severity: .bad, title: "The bucket list cannot be read",
                    detail:
                        "\(since)<code>\(text: Wording.shortened(overview.problem ?? "unknown reason", to: 300))</code>. \(consequence)"
                ))
        }
        if let end = overview.pauseEnd, end > date {
            findings.append(
                Finding(
                    severity: .warning, title: "The API throttles the exporter",
                    detail: "Requests resume \(wording.relative(end))."))
        }
        return findings
    }

    private static func token(_ account: ExporterOverview.Account, at date: Date, _ wording: Wording) -> [Finding] {
        let token = account.overview.token
        guard let end = token.expiresAt else { return [] }
        let remedy: HTML =
            token.renewals.map {
                "The exporter renews it and has failed \(text: Wording.counted(Int($0.failed), "time")) so far."
            } ?? "The exporter does not renew it: provide a new one."
        let left = end.timeIntervalSince(date)
        if left <= 0 {
            return [Finding(severity: .bad, title: "The access token has expired", detail: "\(wording.relative(end)). \(remedy)")]
        }
        if left < shortTokenLife, token.renewals == nil {
            return [
                Finding(
                    severity: .warning, title: "The access token expires soon", detail: "\(wording.relative(end)). \(remedy)")
            ]
        }
        return []
    }

    private static func buckets(_ health: HealthCounts) -> [Finding] {
        BucketHealth.allCases.compactMap { kind in
            let count = health[kind]
            guard count > 0, kind != .well else { return nil }
            let verb = count == 1 ? "is" : "are"
            let title = "\(Wording.grouped(count)) of \(Wording.counted(health.total, "bucket")) "
            let severity: Severity = kind == .unreachable ? .bad : .warning
            return switch kind {
            case .unreachable: Finding(severity: severity, title: title + "\(verb) unreachable", detail: "No node is online.")
            case .degraded: Finding(severity: severity, title: title + "\(verb) degraded", detail: "Not all nodes are online.")
            case .failing:
                Finding(
                    severity: severity, title: title + "cannot be read in full",
                    detail: "The latest request about \(count == 1 ? "it" : "each") failed.")
            case .outdated:
                Finding(
                    severity: severity, title: title + (count == 1 ? "has" : "have") + " outdated data",
                    detail: "The last data is too old to be shown.")
            case .unknown:
                Finding(
                    severity: severity, title: title + "\(verb) of unknown status", detail: "No source reports a known status.")
            case .well: nil
            }
        }
    }

    private static func collectors(_ account: ExporterOverview.Account, at date: Date, _ wording: Wording) -> [Finding] {
        // When the API is down all collectors fail, so they need no separate findings.
        guard account.overview.availability != .unreachable else { return [] }
        return account.overview.collectors.compactMap { collector in
            let last: HTML =
                collector.report?.lastSuccess.map { "It last succeeded \(wording.relative($0))." } ?? "It has not succeeded yet."
            switch CollectorState(of: collector, at: date) {
            case .failing: return Finding(severity: .warning, title: "The collector \(collector.name) fails", detail: last)
            case .stale: return Finding(severity: .warning, title: "The collector \(collector.name) is stale", detail: last)
            // Failing buckets have their own findings.
            case .off, .waiting, .partly, .good: return nil
            }
        }
    }
}

/// The number of buckets in each state.
struct HealthCounts {
    private var counts = [Int](repeating: 0, count: BucketHealth.allCases.count)
    private(set) var total = 0

    init(_ healths: some Sequence<BucketHealth>) {
        for health in healths {
            counts[health.rawValue] += 1
            total += 1
        }
    }

    subscript(health: BucketHealth) -> Int { counts[health.rawValue] }
}
