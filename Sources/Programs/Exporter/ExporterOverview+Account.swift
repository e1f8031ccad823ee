internal import Basics
internal import ExporterWeb
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FlashbackStatusPage
internal import FoundationEssentials

extension ExporterOverview {
    /// The status page's content for some accounts.
    init(_ accounts: [(settings: AccountSettings, overview: AccountOverview)]) {
        self.init(
            date: accounts.map(\.overview.date).max() ?? Date(), accounts: accounts.map { Account($0.settings, $0.overview) })
    }
}

extension ExporterOverview.Account {
    fileprivate init(_ settings: AccountSettings, _ account: AccountOverview) {
        self.init(
            name: settings.name?.text,
            api: ExporterOverview.API(account, address: "\(settings.upstream.baseURL)"),
            token: ExporterOverview.Token(
                expiresAt: account.token.expiresAt, isRenewed: account.token.renewals != nil,
                failedRenewals: Int(account.token.renewals?.failed ?? 0)),
            collectors: account.collectors.map { CollectorOverview($0, in: account.buckets ?? []) },
            buckets: account.buckets?.map { BucketOverview($0) })
    }
}

extension ExporterOverview.API {
    fileprivate init(_ account: AccountOverview, address: String) {
        let list = account.list
        self.init(
            state: !list.hasRun ? .notAskedYet : list.succeeded ? .reachable : .unreachable, since: list.since,
            address: address, problem: list.succeeded ? nil : list.latestFailure?.message, pausedUntil: account.pauseEnd)
    }
}

extension CollectorOverview {
    fileprivate init(_ collector: AccountOverview.Collector, in buckets: [BucketSummary]) {
        self.init(name: collector.name, isOn: collector.report != nil)
        guard let report = collector.report else { return }
        hasRun = report.hasRun
        succeeded = report.succeeded
        lastSuccess = report.lastSuccess
        duration = report.duration.inSeconds
        failingBuckets = buckets.count { $0.failures.contains { $0.collector == collector.name } }
        servedFor = report.servedFor.inSeconds
        latestFailure = report.latestFailure.map { Failure(date: $0.date, message: $0.message) }
    }
}

extension BucketOverview {
    fileprivate init(_ summary: BucketSummary) {
        let bucket = summary.bucket
        self.init(
            id: bucket.id.text, name: bucket.name ?? "",
            description: [bucket.storageType?.description, bucket.region].compactMap { $0 }.filter { !$0.isEmpty }
                .joined(separator: " · "),
            listedStatus: bucket.status.map { Status($0) },
            nodes: summary.nodes.map { Nodes($0) },
            nodesReadAt: summary.nodesReadAt,
            latency: summary.nodes?.bestLatencyMilliseconds.map { $0 / 1000 },
            uptimeToday: summary.uptimeToday,
            failures: summary.failures.map { Failure(collector: $0.collector, message: $0.message) })
    }
}

extension BucketOverview.Nodes {
    fileprivate init(_ nodes: BucketNodes) {
        self.init(
            online: nodes.online, total: nodes.total,
            away: nodes.away.map { node in
                BucketOverview.Node(
                    name: node.node.text, region: node.region, status: node.status.map { BucketOverview.Status($0) })
            })
    }
}

extension BucketOverview.Status {
    fileprivate init(_ status: ReachabilityStatus) {
        self =
            switch status {
            case .online: .online
            case .offline: .offline
            case .disconnected: .disconnected
            case .unknown(let word): .unknown(word: word)
            }
    }
}
