internal import FlashbackCollectors

/// The problems of an account itself: its subscription, quotas, credits and repositories.
enum AccountFindings {
    /// The used share above which a quota is reported; it equals the objective in `prometheus/rules`.
    private static let fullness = 0.8
    /// The maximum number of names in a finding.
    private static let maximumNames = 5

    static func all(about account: AccountSummary) -> [Finding] {
        subscription(account) + account.quotas.compactMap(quota) + credits(account) + repositories(account)
    }

    private static func subscription(_ account: AccountSummary) -> [Finding] {
        guard account.hasSubscription == false else { return [] }
        return [
            Finding(
                severity: .warning, title: "The account has no active subscription",
                detail: "The API answers <code>NO_ACTIVE_SUBSCRIPTION</code>.")
        ]
    }

    private static func quota(_ quota: AccountSummary.Quota) -> Finding? {
        let name = Wording.shortened(quota.capability, to: 60)
        if quota.usedRatio >= 1 {
            return Finding(
                severity: quota.isInBytes ? .bad : .warning, title: "The quota \(name) is used up",
                detail: quota.isInBytes ? "The API may have disabled writes." : "The API may refuse to create more.")
        }
        guard quota.usedRatio > fullness else { return nil }
        return Finding(
            severity: .warning, title: "The quota \(name) is almost used up",
            detail: "\(text: Wording.percentage(quota.usedRatio)) of it are used.")
    }

    private static func credits(_ account: AccountSummary) -> [Finding] {
        guard let credits = account.credits, credits <= 0 else { return [] }
        let balance = credits.rounded() == 0 ? "0" : "\(credits)"
        return [Finding(severity: .bad, title: "The credits are used up", detail: "The balance is \(text: balance).")]
    }

    private static func repositories(_ account: AccountSummary) -> [Finding] {
        let names = account.disabledRepositories
        guard !names.isEmpty else { return [] }
        let shown: [HTML] = names.prefix(maximumNames).map { "<bdi>\(text: Wording.shortened($0, to: 60))</bdi>" }
        let more: HTML = names.count > maximumNames ? ", and \(text: Wording.grouped(names.count - maximumNames)) more" : ""
        let title = Wording.counted(names.count, "repository", plural: "repositories")
        return [
            Finding(
                severity: .warning, title: "\(title) \(names.count == 1 ? "is" : "are") disabled",
                detail: "\(HTML(shown, separatedBy: ", "))\(more).")
        ]
    }
}
