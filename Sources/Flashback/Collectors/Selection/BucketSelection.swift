internal import Basics
internal import FlashbackAPI
internal import FoundationEssentials
package import Logging
internal import NIOConcurrencyHelpers

/// Which of the buckets that the API lists are collected, and how many of their nodes.
///
/// First the patterns decide, then the shard, then the limit, which therefore is one for each shard. What is not selected is not asked
/// about and has no series.
package struct BucketSelection: Sendable, Hashable {
    /// By the bucket's name, the field `name`.
    package var names = PatternFilter()
    /// By the identifier of the bucket's workspace, the field `workspaceId`. The list does not say what a workspace is called.
    package var workspaces = PatternFilter()
    /// The part of the account that this exporter collects; nil for all of it.
    package var shard: Shard?
    /// The most buckets that are collected; nil for any number.
    package var maximumBuckets: Int?
    /// The most nodes of a bucket that are exported; nil for any number.
    package var maximumNodesPerBucket: Int?

    package init() {}

    /// Whether a bucket may be selected, as far as its identifier tells. What is known of one that cannot be need not be kept.
    func mayInclude(_ bucketID: Identifier) -> Bool { shard?.owns(bucketID) ?? true }

    /// What is collected of a list, in its order, and how many buckets of it the limit refuses.
    func applied(to buckets: [Bucket]) -> (selected: [Bucket], refused: Int) {
        let wanted = buckets.filter {
            mayInclude($0.id) && names.admits($0.name) && workspaces.admits($0.workspaceID?.text)
        }
        guard let maximumBuckets, wanted.count > maximumBuckets else { return (wanted, 0) }
        let kept = Set(wanted.sorted(by: Self.staysRather).prefix(maximumBuckets).map(\.id))
        return (wanted.filter { kept.contains($0.id) }, wanted.count - kept.count)
    }

    /// Whether a bucket stays rather than another: the older one does, so that a new bucket never takes the place of one that is
    /// collected. One without a date counts as the newest.
    private static func staysRather(_ one: Bucket, than other: Bucket) -> Bool {
        (one.createdAt ?? .distantFuture, one.id) < (other.createdAt ?? .distantFuture, other.id)
    }

    /// What is exported of a bucket's rows about nodes, in their order, and how many nodes the limit refuses.
    ///
    /// Those stay whose names come first: whichever endpoint lists the same nodes, and in whatever order, the same ones do.
    func applied<Element>(to rows: [Element], ofNode node: (Element) -> Identifier) -> (selected: [Element], refused: Int) {
        guard let maximumNodesPerBucket, rows.count > maximumNodesPerBucket else { return (rows, 0) }
        let nodes = Set(rows.map(node))
        guard nodes.count > maximumNodesPerBucket else { return (rows, 0) }
        let kept = Set(nodes.sorted().prefix(maximumNodesPerBucket))
        return (rows.filter { kept.contains(node($0)) }, nodes.count - kept.count)
    }
}

/// Says when a limit begins to refuse something, and when it no longer does, rather than at each refresh.
package final class LimitLog: Sendable {
    private struct State {
        var refusesBuckets = false
        /// The collectors that have nodes refused.
        var collectors: Set<String> = []
    }

    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    package init(logger: Logger) {
        self.logger = logger
    }

    /// Notes how many buckets a list had more than the limit.
    func note(refusedBuckets refused: Int, limit: Int) {
        let (before, after) = state.withLockedValue { state in
            let before = state.refusesBuckets
            state.refusesBuckets = refused > 0
            return (before, state.refusesBuckets)
        }
        tell(of: "buckets", before, after, ["limit": "\(limit)", "refused": "\(refused)", "flag": "--limit.buckets"])
    }

    /// Notes how many nodes a collector's readings had more than the limit, over all buckets.
    func note(refusedNodes refused: Int, limit: Int, by collector: String) {
        let (before, after) = state.withLockedValue { state in
            let before = !state.collectors.isEmpty
            if refused > 0 { state.collectors.insert(collector) } else { state.collectors.remove(collector) }
            return (before, !state.collectors.isEmpty)
        }
        tell(
            of: "nodes", before, after,
            ["limit": "\(limit)", "refused": "\(refused)", "collector": "\(collector)", "flag": "--limit.nodes-per-bucket"])
    }

    private func tell(of what: String, _ before: Bool, _ after: Bool, _ metadata: Logger.Metadata) {
        if after, !before {
            logger.warning("more \(what) than the limit allows, some are not exported", metadata: metadata)
        } else if before, !after {
            logger.info("no more \(what) than the limit allows, all are exported again", metadata: metadata)
        }
    }
}
