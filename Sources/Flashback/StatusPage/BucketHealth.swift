/// How a bucket is, in the order in which the page shows buckets: everything but ``well`` is ill.
///
/// A bucket is reachable when any bridge node reaches it, as the alerts have it: what the nodes say counts, and the bucket list's
/// own status where nothing is known of nodes. Of several cases that hold, the first is the bucket's health.
package enum BucketHealth: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// No node is online; or nothing is known of nodes and the list says that the bucket is not online.
    case unreachable
    /// Some node is online and some is not.
    case degraded
    /// The latest request about it failed for at least one collector; what is shown is from before.
    case failing
    /// What was known of its nodes is too old for the metrics to tell, and has not been read again.
    case outdated
    /// Nobody says whether it is online, or the list says so in a word that nobody knows, or it contradicts the nodes.
    case unknown
    /// All nodes are online; or nothing is known of nodes and the list says that the bucket is online.
    case well

    package init(of bucket: BucketOverview) {
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

extension BucketOverview {
    /// Whether some node is online; or, where nothing is known of nodes, the list says that the bucket is.
    var isReachable: Bool {
        guard let nodes, !nodes.saysNothing else { return listedStatus == .online }
        return nodes.online > 0
    }
}

extension BucketOverview.Nodes {
    /// Whether there is no node, or none that says how it is.
    fileprivate var saysNothing: Bool { online == 0 && away.allSatisfy { $0.status == nil } }
}
