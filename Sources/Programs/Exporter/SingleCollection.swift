internal import Basics
internal import ExporterWeb
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import Logging

/// A single, concurrent collection of accounts without serving the result.
struct SingleCollection {
    let accounts: [AccountSettings]
    /// Sees all exchanges; nil for none.
    var observer: (any ExchangeObserver)?
    let logger: Logger

    /// Collects.
    /// - Returns: the metrics of all accounts, and whether all collectors succeeded.
    /// - Throws: a one-line error when the configuration is invalid.
    func run() async throws -> (snapshot: MetricSnapshot, succeeded: Bool) {
        let set = try await AccountSet(accounts, observer: observer, time: .system(), logger: logger)
        // Excludes metrics about this process, which will have ended by the time they are read.
        let sources = MetricSources.all(accounts: set).filter { !$0.isAboutProcess }
            .limited(to: accounts.metrics)
        let snapshot = await ProgressBar.showing({ await set.progress() }, during: { await sources.snapshot() })
        let succeeded = await set.reports().allSatisfy(\.succeeded)
        await set.close()
        return (snapshot, succeeded)
    }
}
