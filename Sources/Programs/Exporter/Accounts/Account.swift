internal import Basics
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging
internal import NIOConcurrencyHelpers

/// A running account: its connection and its collection.
///
/// It runs until the exporter stops or the account is retired. A retired account ends when it is no longer in use, so that a
/// scrape that began with it completes before its connection is closed.
final class Account: Sendable {
    /// The number of users, and whether to end when it reaches zero.
    private struct Usage {
        var users = 0
        var isRetired = false

        var isOver: Bool { isRetired && users == 0 }
    }

    let settings: AccountSettings
    let engine: CollectionEngine
    let prober: BucketProber
    private let connection: APIConnection
    private let usage = NIOLockedValueBox(Usage())
    private let end = CompletionSignal()

    /// Opens the connection without making a request.
    /// - Parameter observer: sees all exchanges; nil for none.
    /// - Throws: a one-line error with the account's name.
    init(
        _ settings: AccountSettings, observer: (any ExchangeObserver)? = nil, time: TimeSource, logger: Logger
    ) async throws {
        connection = try await settings.connection(observer: observer, time: time, logger: logger)
        self.settings = settings
        engine = CollectionEngine(
            client: connection.client, account: settings.name, configuration: settings.collection, time: time,
            logger: settings.naming(logger))
        prober = BucketProber(
            client: connection.client, account: settings.name, metrics: settings.collection.metrics, time: time,
            logger: settings.naming(logger))
    }

    /// Collects until the account is retired and unused, or until the exporter stops; then closes the connection.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [engine] in try? await engine.run() }
            group.addTask { [end] in await end.wait() }
            await group.next()
            group.cancelAll()
        }
        await close()
    }

    /// Closes the connection of an account that is not running. May be called more than once.
    func close() async { await connection.close() }

    /// Stops renewing the token, leaving it to the account's successor.
    func finishRenewals() async { await connection.finishRenewals() }

    /// Undoes one ``finishRenewals()``, since there is no successor after all.
    func resumeRenewals() async { await connection.resumeRenewals() }

    /// Stops renewing the token at shutdown, and waits a limited time for a renewal in progress.
    func endRenewals() async { await connection.endRenewals() }

    /// Retries to save a renewed token that could not be saved.
    /// - Returns: whether nothing is left to save.
    func saveToken() async -> Bool { await connection.saveToken() }

    // MARK: Users

    /// Prevents the account from ending. Must not be called after ``retire()``.
    func beginUse() { usage.withLockedValue { $0.users += 1 } }

    func endUse() {
        usage.withLockedValue { $0.users -= 1 }
        endIfOver()
    }

    /// Ends the account when it is no longer in use.
    func retire() {
        usage.withLockedValue { $0.isRetired = true }
        endIfOver()
    }

    private func endIfOver() {
        if usage.withLockedValue({ $0.isOver }) { end.complete() }
    }
}
