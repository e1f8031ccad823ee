internal import Basics
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging
internal import NIOConcurrencyHelpers

/// One account as it is served: its connection, and what collects through it.
///
/// It runs until the exporter stops or it is retired. Retired, it ends once nobody uses it any more: a scrape that began with it
/// gets its answer, and not that of a connection which has been closed meanwhile.
final class Account: Sendable {
    /// How many use it, and whether it is to end when nobody does.
    private struct Usage {
        var users = 0
        var isRetired = false

        var isOver: Bool { isRetired && users == 0 }
    }

    let settings: AccountSettings
    let refresher: CollectionEngine
    private let connection: Connection
    private let usage = NIOLockedValueBox(Usage())
    private let end = CompletionSignal()

    /// Opens the connection, which asks the API nothing yet.
    /// - Throws: an error of one line that names the account.
    init(_ settings: AccountSettings, time: TimeSource, logger: Logger) async throws {
        connection = try await settings.connection(time: time, logger: logger)
        self.settings = settings
        refresher = CollectionEngine(
            client: connection.client, account: settings.name, configuration: settings.collection, time: time,
            logger: settings.naming(logger))
    }

    /// Collects until it is retired and nobody uses it, or until the exporter stops; then closes the connection.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [refresher] in try? await refresher.run() }
            group.addTask { [end] in await end.wait() }
            await group.next()
            group.cancelAll()
        }
        await close()
    }

    /// Closes the connection of an account that does not run. May be called more than once.
    func close() async { await connection.close() }

    /// Leaves renewing the token to its successor.
    func finishRenewals() async { await connection.finishRenewals() }

    // MARK: Users

    /// Keeps it from ending. Nobody may begin to use it after it was retired.
    func beginUse() { usage.withLockedValue { $0.users += 1 } }

    func endUse() {
        usage.withLockedValue { $0.users -= 1 }
        endIfOver()
    }

    /// Has it end when nobody uses it.
    func retire() {
        usage.withLockedValue { $0.isRetired = true }
        endIfOver()
    }

    private func endIfOver() {
        if usage.withLockedValue({ $0.isOver }) { end.complete() }
    }
}
