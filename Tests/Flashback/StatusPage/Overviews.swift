import Basics
import Foundation

@testable import FlashbackAPI
@testable import FlashbackCollectors

/// Values for the page's tests.
extension CollectorReport {
    static func make(
        _ collector: String, lastSuccess: Date? = nil, succeeded: Bool = true, hasRun: Bool = true, since: Date? = nil,
        duration: Double = 0, servedFor: Double = 1e9, latestFailure: CollectorFailure? = nil
    ) -> CollectorReport {
        var report = CollectorReport(collector: collector, lifetime: .init(fresh: .seconds(30), stale: .seconds(120)))
        if hasRun { report.note(succeeded: succeeded, at: since ?? lastSuccess ?? .distantPast) }
        report.lastSuccess = lastSuccess
        report.duration = .seconds(duration)
        report.servedFor = .seconds(servedFor)
        report.latestFailure = latestFailure
        return report
    }
}

extension BucketSummary {
    static func make(
        _ id: String, name: String? = nil, listedStatus: ReachabilityStatus? = .online, nodes: BucketNodes? = nil,
        nodesReadAt: Date? = nil, uptimeToday: Double? = nil, failures: [Failure] = [], region: String? = "eu-west-1"
    ) -> BucketSummary {
        BucketSummary(
            bucket: Bucket(
                id: .init(id), name: name, cloudBucket: nil, storageType: .s3, region: region, endpoint: nil, workspaceID: nil,
                status: listedStatus, lastStatusAt: nil, createdAt: nil),
            nodes: nodes, nodesReadAt: nodesReadAt, uptimeToday: uptimeToday, failures: failures)
    }
}

extension BucketNodes {
    static func make(online: Int, away: [Away] = [], latency: Double? = nil) -> BucketNodes {
        BucketNodes(
            total: online + away.count, online: online, away: away, bestLatencyMilliseconds: latency.map { $0 * 1000 })
    }
}
