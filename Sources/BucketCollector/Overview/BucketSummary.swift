package import Basics
package import FlashbackAPI
package import FoundationEssentials

/// What the collectors know of one bucket now, in few words.
package struct BucketSummary: Sendable {
    /// A collector's latest request about the bucket that failed.
    package struct Failure: Sendable, Hashable {
        package let collector: String
        /// One line, without the API's words.
        package let message: String
    }

    /// The bucket's row in the list.
    package let bucket: Bucket
    /// How the nodes see it; nil when that is not known, or too old to be served.
    package var nodes: BucketNodes?
    /// When the nodes were last asked about with success, however long ago.
    package var nodesReadAt: Date?
    /// The highest share of today, from 0 to 1, in which one of the nodes was online for the bucket. Through any node it was
    /// reachable at least that long.
    package var uptimeToday: Double?
    /// What could not be read about it at the latest attempt.
    package var failures: [Failure] = []

    package init(_ listed: ListedBucket) {
        bucket = listed.bucket
    }

    package var id: Identifier { bucket.id }
}

/// How the bridge nodes see a bucket.
package struct BucketNodes: Sendable, Hashable {
    /// A node that is not online.
    package struct Away: Sendable, Hashable {
        package let node: Identifier
        package let region: String?
        /// Nil when the node says nothing of it.
        package let status: ReachabilityStatus?
    }

    package let total: Int
    package let online: Int
    package let away: [Away]
    /// The lowest latency that a node that is online measured, in milliseconds.
    package let bestLatencyMilliseconds: Double?

    init(_ nodes: [NodeStatus]) {
        let online = nodes.filter { $0.status == .online }
        total = nodes.count
        self.online = online.count
        away = nodes.filter { $0.status != .online }.map { Away(node: $0.node, region: $0.region, status: $0.status) }
        bestLatencyMilliseconds = online.compactMap(\.latencyMilliseconds).min()
    }
}
