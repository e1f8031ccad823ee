internal import Basics
internal import Configuration
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FlashbackStatusPage
internal import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The accounts being served. They run independently, so that a failure of one does not affect the others, and can be replaced
/// while the exporter runs.
final class AccountSet: Service {
    private struct State {
        var accounts: [Account] = []
        /// Replaced accounts that are still answering scrapes.
        var retired: [Account] = []
        var hasBeenReady = false
        /// Whether the program is ending.
        var isEnding = false
    }

    private let observer: (any ExchangeObserver)?
    private let time: TimeSource
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// The accounts to start.
    private let arrivals: AsyncStream<Account>
    private let arrival: AsyncStream<Account>.Continuation

    /// Opens the accounts' connections.
    /// - Parameter observer: sees all accounts' exchanges; nil for none.
    /// - Throws: a one-line error when a connection cannot be opened; the others are then closed.
    init(
        _ settings: [AccountSettings], observer: (any ExchangeObserver)? = nil, time: TimeSource, logger: Logger
    ) async throws {
        self.observer = observer
        self.time = time
        self.logger = logger
        (arrivals, arrival) = AsyncStream.makeStream()
        let accounts = try await opened(settings)
        state.withLockedValue { $0.accounts = accounts }
        for account in accounts { arrival.yield(account) }
    }

    /// Runs the accounts until shutdown.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await account in arrivals {
                    group.addTask {
                        await account.run()
                        self.state.withLockedValue { $0.retired.removeAll { $0 === account } }
                    }
                }
            }
        } onGracefulShutdown: {
            self.arrival.finish()
        }
    }

    /// Closes accounts that have not been run. May be called more than once.
    func close() async {
        arrival.finish()
        for account in state.withLockedValue({ $0.accounts }) { await account.close() }
    }

    /// Stops renewing tokens at shutdown, and gives renewals in progress a limited time. From now on, accounts are not replaced: new ones
    /// would renew their tokens.
    func endRenewals() async {
        let accounts = state.withLockedValue { state in
            state.isEnding = true
            return state.accounts + state.retired
        }
        _ = await accounts.concurrentMap { await $0.endRenewals() }
    }

    // MARK: Queries

    /// The metrics of all or some accounts, collected concurrently.
    /// - Parameters:
    ///   - timeout: the time limit for each account; nil for none.
    ///   - names: the accounts to include; nil for all.
    func snapshot(within timeout: Duration? = nil, of names: Set<Identifier>? = nil) async -> MetricSnapshot {
        func isWanted(_ account: Account) -> Bool {
            guard let names, let name = account.settings.name else { return true }
            return names.contains(name)
        }
        let snapshot = MetricSnapshot.merging(await asking(where: isWanted) { await $0.engine.snapshot(within: timeout) })
        // The shard is the same for all accounts.
        let shard = state.withLockedValue { $0.accounts.first?.settings.collection.selection.shard }
        return shard == nil ? snapshot : snapshot.appending(ShardFamilies.rendered(shard))
    }

    /// The content of the status page.
    /// - Parameter timeout: how long to wait for the API.
    func overview(within timeout: Duration) async -> ExporterOverview {
        ExporterOverview(
            accounts: await asking { account in
                ExporterOverview.Account(
                    name: account.settings.name?.text, address: "\(account.settings.upstream.baseURL)",
                    overview: await account.engine.overview(within: timeout))
            })
    }

    /// The counts of all accounts' probes; empty before the first probe.
    func probeCounts() async -> MetricSnapshot { .merging(await asking { MetricSnapshot(await $0.prober.rendered()) }) }

    /// The reports of all accounts' collectors.
    func reports() async -> [CollectorReport] { await asking { await $0.engine.reports() }.flatMap(\.self) }

    /// The combined progress of all refreshes.
    func progress() async -> CollectionProgress {
        await asking { await $0.engine.progress }.reduce(into: CollectionProgress()) { $0 += $1 }
    }

    /// Whether every account has been read once, successfully or not. Accounts added later do not count, since the others' series
    /// are available meanwhile.
    var isReady: Bool {
        state.withLockedValue { state in
            if !state.hasBeenReady { state.hasBeenReady = state.accounts.allSatisfy(\.engine.isReady) }
            return state.hasBeenReady
        }
    }

    /// Queries accounts concurrently, keeping them from ending meanwhile.
    /// - Returns: the answers in the accounts' order.
    func asking<Answer: Sendable>(
        where isWanted: (Account) -> Bool = { _ in true }, _ question: @escaping @Sendable (Account) async -> Answer
    ) async -> [Answer] {
        let accounts = state.withLockedValue { state in
            let accounts = state.accounts.filter(isWanted)
            for account in accounts { account.beginUse() }
            return accounts
        }
        defer { for account in accounts { account.endUse() } }
        return await accounts.concurrentMap(question)
    }

    // MARK: Updates

    /// Replaces the accounts. An account with unchanged settings keeps running with all of its data; new ones are opened before
    /// old ones end. Only one call may run at a time.
    /// - Throws: a one-line error when an account cannot be opened, or when its predecessor could not save the current token; nothing
    ///   changes then.
    func replace(with settings: [AccountSettings]) async throws {
        let (before, retired) = state.withLockedValue { ($0.accounts, $0.retired) }
        let kept = settings.map { settings in before.first { $0.settings == settings } }
        let gone = before.filter { account in !kept.contains { $0 === account } }
        let changed = zip(settings, kept).compactMap { $1 == nil ? $0 : nil }
        let credentials = changed.map(\.upstream.credentials)
        let predecessors = (gone + retired).filter { account in
            credentials.contains(where: account.settings.upstream.credentials.shareRenewals)
        }
        // A refresh token may be valid for one use only, so the next user of its file must find the result of the last renewal
        // there. A renewal in progress must end first: until then it is unknown whether its token is saved.
        for account in predecessors { await account.finishRenewals() }
        let fresh: [Account]
        do {
            for account in predecessors {
                guard await account.saveToken() else { throw account.settings.unsavedTokenError }
            }
            fresh = try await opened(changed)
        } catch {
            for account in predecessors { await account.resumeRenewals() }
            throw error
        }
        var rest = fresh[...]
        let accounts = kept.compactMap { $0 ?? rest.popFirst() }
        let isEnding = state.withLockedValue { state in
            if state.isEnding { return true }
            state.accounts = accounts
            state.retired += gone
            return false
        }
        if isEnding {
            for account in fresh { await account.close() }
            throw InvalidArgument("the exporter is stopping")
        }
        for account in fresh {
            if case .terminated = arrival.yield(account) { await account.close() }
        }
        for account in gone { account.retire() }
    }

    /// Opens accounts: all, or none if one fails.
    private func opened(_ settings: [AccountSettings]) async throws -> [Account] {
        var accounts: [Account] = []
        do {
            for settings in settings {
                accounts.append(try await Account(settings, observer: observer, time: time, logger: logger))
            }
            return accounts
        } catch {
            for account in accounts { await account.close() }
            throw error
        }
    }
}
