internal import Basics
internal import Configuration
internal import ExporterWeb
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FlashbackStatusPage
internal import FoundationEssentials
internal import HTTPServer
internal import Logging
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle

/// The active configuration, which can be reloaded while the exporter runs.
///
/// Requests read it without waiting, even during a reload. If a new configuration is invalid, nothing changes.
final class RunningConfiguration: Sendable {
    private struct State {
        var settings: ExporterSettings
        /// The valid scrape parameters; derived from the settings, but slow to compute.
        var selection: ScrapeSelection
        /// The exported part of all sources.
        var sources: [MetricSource]
        /// The latest reload, for which the next one waits.
        var reload: Task<ReloadOutcome, Never>?
    }

    /// How long the page at `/` waits for the API before it shows the known data.
    private static let patienceOfReaders = Duration.seconds(2)

    private let accounts: AccountSet
    private let protection: ReloadingWebConfiguration?
    private let read: (@Sendable () throws -> ExporterSettings)?
    private let time: TimeSource
    private let logger: Logger
    private let state: NIOLockedValueBox<State>
    /// The result of the latest reload. Kept outside the state, because the state's sources refer to it.
    private let report: NIOLockedValueBox<ReloadReport>
    private let allSources: [MetricSource]

    /// - Parameters:
    ///   - accounts: the settings' accounts.
    ///   - read: reads the configuration again; nil if it cannot be reloaded.
    init(
        _ settings: ExporterSettings, accounts: AccountSet, time: TimeSource, logger: Logger,
        read: (@Sendable () throws -> ExporterSettings)?
    ) {
        self.accounts = accounts
        self.read = read
        self.time = time
        self.logger = logger
        protection = settings.web.configurationFile.map {
            ReloadingWebConfiguration($0, time: WebTime(time), logger: logger)
        }
        let report = NIOLockedValueBox(
            ReloadReport(isSuccessful: true, lastSuccessSeconds: time.now.timeIntervalSince1970))
        self.report = report
        allSources = MetricSources.all(accounts: accounts, webConfiguration: protection) { report.withLockedValue { $0 } }
        state = NIOLockedValueBox(
            State(
                settings: settings, selection: ScrapeSelection(settings.accounts),
                sources: allSources.limited(to: settings.metrics)))
    }

    /// Its background services.
    var services: [any Service] { protection.map { [$0] } ?? [] }

    // MARK: Active configuration

    var web: WebSettings { state.withLockedValue { $0.settings.web } }

    /// How the next connection is secured.
    var security: ConnectionSecurity? { protection?.security }

    /// The policy for the next request.
    var policy: RequestPolicy { protection?.policy ?? RequestPolicy() }

    /// The responder for the next request.
    var responder: ExporterResponder {
        let (settings, selection, sources) = state.withLockedValue { ($0.settings, $0.selection, $0.sources) }
        let canReload = settings.enablesLifecycle && read != nil
        let reload: (@Sendable () async -> ReloadOutcome)? = canReload ? { @Sendable in await self.reload() } : nil
        return ExporterResponder(
            telemetryPath: settings.web.telemetryPath, scrapeTimeout: settings.web.scrapeTimeout,
            selection: selection,
            isReady: { [accounts] in accounts.isReady },
            reload: reload,
            page: { [accounts, telemetryPath = settings.web.telemetryPath] request in
                LandingPage(
                    telemetryPath: telemetryPath, query: request.query,
                    overview: await accounts.overview(within: Self.patienceOfReaders)
                ).response
            },
            others: ProbeRoutes(settings, accounts: accounts, time: time).handlers,
            sources: sources)
    }

    // MARK: Reload

    /// Reloads and activates the configuration, after a reload in progress.
    func reload() async -> ReloadOutcome {
        let reload = state.withLockedValue { state in
            // In its own task, because the caller may be cancelled.
            let reload = Task { [before = state.reload] in
                _ = await before?.value
                return await reloadNow()
            }
            state.reload = reload
            return reload
        }
        return await reload.value
    }

    private func reloadNow() async -> ReloadOutcome {
        let before = state.withLockedValue { $0.settings }
        do {
            let revision = protection?.revision ?? 0
            guard let new = try read?() else { return .active }
            let change = ConfigurationChange(from: before, to: new)
            try await accounts.replace(with: new.accounts)
            let obstacle = change.webConfigurationFile.flatMap { protection?.replace(with: $0, readAt: revision) }
            state.withLockedValue {
                $0.settings = change.settings
                $0.selection = ScrapeSelection(change.settings.accounts)
                $0.sources = allSources.limited(to: change.settings.metrics)
            }
            report.withLockedValue {
                $0 = ReloadReport(isSuccessful: true, lastSuccessSeconds: time.now.timeIntervalSince1970)
            }
            logger.info("reloaded the configuration", metadata: change.accounts)
            for flag in change.needingRestart { warn(needingRestart: ["flag": "\(flag)"]) }
            if let obstacle { warn(needingRestart: ["flag": "--web.config.file", "reason": "\(obstacle)"]) }
            return .active
        } catch {
            let reason = String(describing: error)
            logger.error(
                "cannot load the new configuration; keeping the previous one", metadata: ["err": "\(reason)"])
            report.withLockedValue { $0.isSuccessful = false }
            return .refused(reason)
        }
    }

    private func warn(needingRestart setting: Logger.Metadata) {
        logger.warning("a changed setting needs a restart", metadata: setting)
    }
}

extension ScrapeSelection {
    /// The valid scrape parameters for some accounts.
    fileprivate init(_ accounts: [AccountSettings]) {
        let collectors = CollectorCatalogue.all.filter { collector in accounts.contains { $0.collection.isOn(collector) } }
        self.init(
            collectors: collectors.map { $0.name },
            families: MetricSources.all(collectors: collectors).limited(to: accounts.metrics).flatMap(\.families),
            accounts: accounts.compactMap(\.name),
            workspaceIDs: accounts.flatMap(\.collection.workspaceIDs))
    }
}

extension WebTime {
    /// The exporter's own clocks.
    fileprivate init(_ time: TimeSource) {
        self.init(
            uptime: { time.uptime }, timestampSeconds: { time.now.timeIntervalSince1970 },
            sleep: { try await time.sleep(until: time.uptime + $0) })
    }
}
