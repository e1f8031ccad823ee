package import Basics
internal import FlashbackAPI
internal import FoundationEssentials
package import Logging
internal import NIOConcurrencyHelpers

/// Selects which of the listed buckets are collected, and how many of their nodes.
///
/// The patterns are applied first, then the shard, then the limit, so the limit is per shard. Buckets that are not selected are not
/// requested and have no series.
package struct BucketSelection: Sendable, Hashable {
    /// By the bucket's name, the field `name`.
    package var names = PatternFilter()
    /// By the identifier of the bucket's workspace, the field `workspaceId`. The list does not contain workspace names.
    package var workspaces = PatternFilter()
    /// The part of the account that this exporter collects; nil for all of it.
    package var shard: Shard?
    /// The maximum number of buckets collected; nil for no limit.
    package var maximumBuckets: Int?
    /// The maximum number of nodes exported per bucket; nil for no limit.
    package var maximumNodesPerBucket: Int?

    package init() {}

    /// Whether a bucket could be selected, judging by its identifier alone. Data about other buckets can be discarded.
    func mayInclude(_ bucketID: Identifier) -> Bool { shard?.owns(bucketID) ?? true }

    /// Selects from a list, keeping its order, and counts the buckets excluded by the limit.
    func applied(to buckets: [Bucket]) -> (selected: [Bucket], refused: Int) {
        let wanted = buckets.filter {
            mayInclude($0.id) && names.admits($0.name) && workspaces.admits($0.workspaceID?.text)
        }
        guard let maximumBuckets, wanted.count > maximumBuckets else { return (wanted, 0) }
        let kept = Set(wanted.sorted(by: Self.staysRather).prefix(maximumBuckets).map(\.id))
        return (wanted.filter { kept.contains($0.id) }, wanted.count - kept.count)
    }

    /// Whether one bucket takes precedence over another. The older bucket does, so that a new bucket never displaces one that is being
    /// collected. A bucket without a creation date counts as the newest.
    private static func staysRather(_ one: Bucket, than other: Bucket) -> Bool {
        (one.createdAt ?? .distantFuture, one.id) < (other.createdAt ?? .distantFuture, other.id)
    }

    /// Selects from a bucket's node rows, keeping their order, and counts the nodes excluded by the limit.
    ///
    /// Nodes are kept by name in ascending order, so the choice is the same for every endpoint and order of rows.
    func applied<Element>(to rows: [Element], ofNode node: (Element) -> Identifier) -> (selected: [Element], refused: Int) {
        guard let maximumNodesPerBucket, rows.count > maximumNodesPerBucket else { return (rows, 0) }
        let nodes = Set(rows.map(node))
        guard nodes.count > maximumNodesPerBucket else { return (rows, 0) }
        let kept = Set(nodes.sorted().prefix(maximumNodesPerBucket))
        return (rows.filter { kept.contains(node($0)) }, nodes.count - kept.count)
    }
}

/// Logs when a limit starts to exclude something and when it stops, not at each refresh.
package final class LimitLog: Sendable {
    private struct State {
        var refusesBuckets = false
        /// The collectors whose nodes are being excluded.
        var collectors: Set<String> = []
    }

    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    package init(logger: Logger) {
        self.logger = logger
    }

    /// Records how many buckets of a list exceed the limit.
    func note(refusedBuckets refused: Int, limit: Int) {
        let (before, after) = state.withLockedValue { state in
            let before = state.refusesBuckets
            state.refusesBuckets = refused > 0
            return (before, state.refusesBuckets)
        }
        tell(of: "buckets", before, after, ["limit": "\(limit)", "refused": "\(refused)"])
    }

    /// Records how many nodes in a collector's readings exceed the limit, over all buckets.
    func note(refusedNodes refused: Int, limit: Int, by collector: String) {
        let (before, after) = state.withLockedValue { state in
            let before = !state.collectors.isEmpty
            if refused > 0 { state.collectors.insert(collector) } else { state.collectors.remove(collector) }
            return (before, !state.collectors.isEmpty)
        }
        tell(
            of: "nodes", before, after,
            ["limit": "\(limit)", "refused": "\(refused)", "collector": "\(collector)"])
    }

    private func tell(of what: String, _ before: Bool, _ after: Bool, _ metadata: Logger.Metadata) {
        if after, !before {
            logger.warning("more \(what) than the limit allows; some are not exported", metadata: metadata)
        } else if before, !after {
            logger.info("\(what) are within the limit again; all are exported", metadata: metadata)
        }
    }
}
