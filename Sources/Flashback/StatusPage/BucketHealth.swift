internal import FlashbackAPI
package import FlashbackCollectors

/// A bucket's health, in the page's sort order. Everything except ``well`` is a problem.
///
/// As in the alerts, a bucket is reachable when at least one bridge node is online for it: the nodes' reports count, and the
/// bucket list's status only if there is none. If several cases apply, the first one is used.
package enum BucketHealth: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// No node is online; or there is no node report and the list says that the bucket is not online.
    case unreachable
    /// Some nodes are online and some are not.
    case degraded
    /// At least one collector's latest request for it failed; older data is shown.
    case failing
    /// The nodes' reports are too old for the metrics and have not been renewed.
    case outdated
    /// No status is available, the list has an unknown status word, or the list contradicts the nodes.
    case unknown
    /// All nodes are online; or there is no node report and the list says that the bucket is online.
    case well

    package init(of bucket: BucketSummary) {
        let nodes = bucket.nodes.flatMap { $0.saysNothing ? nil : $0 }
        let isListedAway = bucket.listedStatus == .offline || bucket.listedStatus == .disconnected
        if nodes.map({ $0.online == 0 }) ?? isListedAway {
            self = .unreachable
        } else if let nodes, nodes.online < nodes.total {
            self = .degraded
        } else if !bucket.failures.isEmpty {
            self = .failing
        } else if bucket.nodes == nil, bucket.nodesReadAt != nil {
            self = .outdated
        } else {
            switch bucket.listedStatus {
            case .online: self = .well
            case nil: self = nodes == nil ? .unknown : .well
            case .offline, .disconnected, .unknown: self = .unknown
            }
        }
    }

    package static func < (left: BucketHealth, right: BucketHealth) -> Bool { left.rawValue < right.rawValue }
}

extension BucketSummary {
    /// Empty when the list has no name.
    var name: String { bucket.name ?? "" }

    /// The bucket list's status; nil when the list has none.
    var listedStatus: ReachabilityStatus? { bucket.status }

    /// The best node's latency in seconds.
    var latency: Double? { nodes?.bestLatencyMilliseconds.map { $0 / 1000 } }

    /// Storage type and region, as far as known.
    var description: String {
        [bucket.storageType?.description, bucket.region].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Whether a node is online; without node reports, whether the list says that the bucket is online.
    var isReachable: Bool {
        guard let nodes, !nodes.saysNothing else { return listedStatus == .online }
        return nodes.online > 0
    }
}

extension BucketNodes {
    /// Whether no node has a status.
    fileprivate var saysNothing: Bool { online == 0 && away.allSatisfy { $0.status == nil } }
}
