internal import Basics
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging

/// One collection of accounts, side by side, without serving it.
struct SingleCollection {
    let accounts: [AccountSettings]
    let logger: Logger

    /// Collects.
    /// - Returns: the metrics of all accounts, and whether every collector of each succeeded.
    /// - Throws: an error of one line when the configuration cannot be used.
    func run() async throws -> (snapshot: MetricSnapshot, succeeded: Bool) {
        let set = try await AccountSet(accounts, time: .system(), logger: logger)
        let snapshot = await ProgressBar.showing({ await set.progress() }, during: { await set.snapshot() })
        let succeeded = await set.reports().allSatisfy(\.succeeded)
        await set.close()
        return (snapshot, succeeded)
    }
}
