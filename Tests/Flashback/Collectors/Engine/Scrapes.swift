import Exposition
import FlashbackCollectors
import Foundation
import TestSupport

extension CollectionEngine {
    /// The response to a scrape, parsed independently of the exporter.
    nonisolated func scrape(within timeout: Duration? = .seconds(9.5)) async throws -> ParsedExposition {
        try ParsedExposition(await snapshot(within: timeout).body(in: .text).bytes)
    }
}

extension SimulatedAccount {
    func engine(_ change: (inout CollectionConfiguration) -> Void = { _ in }) -> CollectionEngine {
        var configuration = CollectionConfiguration()
        change(&configuration)
        return CollectionEngine(client: client, configuration: configuration, time: source, logger: log.logger)
    }
}
