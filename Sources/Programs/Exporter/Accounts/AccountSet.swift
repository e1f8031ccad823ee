internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The accounts that are served. Each runs by itself, so that what befalls one touches no other; which they are can change while the
/// exporter runs.
final class AccountSet: Service {
    private struct State {
        var accounts: [Account] = []
        /// Those that have been replaced and still answer the scrapes that began with them.
        var retired: [Account] = []
        var hasBeenReady = false
    }

    private let time: TimeSource
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// The accounts that are to run.
    private let arrivals: AsyncStream<Account>
    private let arrival: AsyncStream<Account>.Continuation

    /// Opens the accounts' connections.
    /// - Throws: an error of one line when one of them cannot be opened; then none is.
    init(_ settings: [AccountSettings], time: TimeSource, logger: Logger) async throws {
        self.time = time
        self.logger = logger
        (arrivals, arrival) = AsyncStream.makeStream()
        let accounts = try await opened(settings)
        state.withLockedValue { $0.accounts = accounts }
        for account in accounts { arrival.yield(account) }
    }

    /// Runs the accounts until it is told to stop.
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

    /// Closes what has not run. May be called more than once.
    func close() async {
        arrival.finish()
        for account in state.withLockedValue({ $0.accounts }) { await account.close() }
    }

    // MARK: What they tell

    /// The metrics of all accounts, or of some, which are asked at the same time.
    /// - Parameters:
    ///   - timeout: how long each may take; nil waits for all.
    ///   - names: the accounts that are wanted; nil for all.
    func snapshot(within timeout: Duration? = nil, of names: Set<Identifier>? = nil) async -> MetricSnapshot {
        func isWanted(_ account: Account) -> Bool {
            guard let names, let name = account.settings.name else { return true }
            return names.contains(name)
        }
        let snapshot = MetricSnapshot.merging(await asking(where: isWanted) { await $0.refresher.snapshot(within: timeout) })
        // The exporter is one shard, of all its accounts alike.
        let shard = state.withLockedValue { $0.accounts.first?.settings.collection.selection.shard }
        return shard == nil ? snapshot : snapshot.appending(ShardFamilies.rendered(shard))
    }

    /// What every account tells people.
    func overviews(within timeout: Duration) async -> [(settings: AccountSettings, overview: AccountOverview)] {
        await asking { ($0.settings, await $0.refresher.overview(within: timeout)) }
    }

    /// How each collector of each account fared.
    func reports() async -> [CollectorReport] { await asking { await $0.refresher.reports() }.flatMap(\.self) }

    /// How far the refreshes under way have come together.
    func progress() async -> CollectionProgress {
        await asking { await $0.refresher.progress }.reduce(into: CollectionProgress()) { $0 += $1 }
    }

    /// Whether every account has been read once, with whatever success. Those that come later do not count: the others' series are
    /// there meanwhile.
    var isReady: Bool {
        state.withLockedValue { state in
            if !state.hasBeenReady { state.hasBeenReady = state.accounts.allSatisfy(\.refresher.isReady) }
            return state.hasBeenReady
        }
    }

    /// Asks accounts side by side, none of which ends meanwhile.
    /// - Returns: the answers in the accounts' order.
    private func asking<Answer: Sendable>(
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

    // MARK: Change

    /// Puts other accounts in the place of these. An account whose settings are the same stays as it is, with all that it knows; the
    /// others are opened before any of the old ends. One change may be made at a time.
    /// - Throws: an error of one line when an account cannot be opened; then nothing changes.
    func replace(with settings: [AccountSettings]) async throws {
        let (before, retired) = state.withLockedValue { ($0.accounts, $0.retired) }
        let kept = settings.map { settings in before.first { $0.settings == settings } }
        let fresh = try await opened(zip(settings, kept).compactMap { $1 == nil ? $0 : nil })
        let gone = before.filter { account in !kept.contains { $0 === account } }
        // A refresh token may be good for one use: who has its file next must find what the last renewal left there.
        let credentials = fresh.map(\.settings.upstream.credentials)
        for account in gone + retired where credentials.contains(where: account.settings.upstream.credentials.shareRenewals) {
            await account.finishRenewals()
        }
        var rest = fresh[...]
        let accounts = kept.compactMap { $0 ?? rest.popFirst() }
        state.withLockedValue { state in
            state.accounts = accounts
            state.retired += gone
        }
        for account in fresh {
            if case .terminated = arrival.yield(account) { await account.close() }
        }
        for account in gone { account.retire() }
    }

    /// Opens accounts: all or, when one cannot be, none.
    private func opened(_ settings: [AccountSettings]) async throws -> [Account] {
        var accounts: [Account] = []
        do {
            for settings in settings { accounts.append(try await Account(settings, time: time, logger: logger)) }
            return accounts
        } catch {
            for account in accounts { await account.close() }
            throw error
        }
    }
}
