internal import Basics
internal import FlashbackAPI
package import Logging
internal import NIOConcurrencyHelpers

/// Says once for each status word that nobody knows that it is exported as `unknown`.
package final class UnknownStatusLog: Sendable {
    /// A broken API could send a new word each time.
    private static let limit = 100

    private let logger: Logger
    private let seen = NIOLockedValueBox<Set<Identifier>>([])

    package init(logger: Logger) {
        self.logger = logger
    }

    func note(_ status: ReachabilityStatus?, of endpoint: EndpointName) {
        guard case .unknown(let word) = status else { return }
        let isNew = seen.withLockedValue { $0.count < Self.limit && $0.insert(Identifier(word)).inserted }
        if isNew {
            logger.warning(
                "unknown status word, exported as status=\"unknown\"", metadata: ["word": "\(word)", "endpoint": "\(endpoint)"])
        }
    }
}
