package import Logging
internal import NIOConcurrencyHelpers

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
