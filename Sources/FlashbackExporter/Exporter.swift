internal import BucketCollector
internal import ExporterServer
internal import Exposition
internal import FlashbackAPI
internal import FoundationEssentials
internal import HTTPListener
internal import Logging
internal import PrometheusCommandLine
internal import ServiceLifecycle
internal import UnixSignals

/// The exporter put together: API client, collectors and listener.
struct Exporter {
    let settings: ExporterSettings
    let logger: Logger
    /// Reads the configuration again.
    var reload: (@Sendable () throws -> ExporterSettings)?

    private var account: AccountSettings { settings.accounts[0] }
    private var web: WebConfiguration { settings.web }

    /// How long the page at `/` waits for the API before it tells what is known.
    private static let patienceOfReaders = Duration.seconds(2)

    /// Serves until the process is told to stop with SIGTERM or SIGINT, then finishes the responses under way.
    /// - Parameters:
    ///   - others: services that run beside it and end after it.
    ///   - listening: is told where the exporter listens once it does.
    /// - Throws: an error of one line when it cannot start.
    func run(
        beside others: [any Service] = [], listening: @escaping @Sendable ([ListenAddress]) -> Void = { _ in }
    ) async throws {
        // Before anything else reads the environment, which this changes.
        let sockets = try web.usesSystemdSocket ? inheritedSockets() : nil
        let time = TimeSource.system()
        try await Account.withConnection(to: account.upstream, time: time, logger: logger) { client in
            let refresher = Refresher(client: client, configuration: account.collection, time: time, logger: logger)
            let protection = web.configurationFile.map {
                ReloadingWebConfiguration($0, time: WebTime(time), logger: logger)
            }
            let shard = ShardFamilies.rendered(account.collection.selection.shard)
            let responder = ExporterResponder(
                telemetryPath: web.telemetryPath, scrapeTimeout: web.scrapeTimeout, selection: selection,
                isReady: { refresher.hasRefreshed },
                overview: { [account] in
                    ExporterOverview(await refresher.overview(within: Self.patienceOfReaders), api: account.upstream.baseURL)
                },
                snapshot: { await refresher.snapshot(within: $0).appending(shard + (protection?.rendered() ?? [])) })
            let protected = ProtectedResponder(
                maximumRequests: web.maximumRequests, uptime: { time.uptime }, policy: { protection?.policy ?? RequestPolicy() },
                responder: { await responder.respond(to: $0) })
            let listener = try await listener(sockets, security: { protection?.security }) { await protected.respond(to: $0) }
            let notice = StartupNotice { [logger, account] in
                for address in listener.addresses {
                    logger.info(
                        "listening",
                        metadata: [
                            "address": "\(address)", "tls": "\(protection?.security != nil)",
                            "api": "\(account.upstream.baseURL)",
                        ])
                }
                listening(listener.addresses)
            }
            // Services are stopped from the last to the first: the listener before what it answers from.
            let services: [any Service] = others + [refresher] + (protection.map { [$0] } ?? []) + [listener, notice]
            try await ServiceGroup(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
            ).run()
        }
        logger.info("stopped")
    }

    private var selection: ScrapeSelection {
        let collection = account.collection
        return ScrapeSelection(
            collectors: CollectorCatalogue.all.map { $0.name }.filter(collection.collectors.contains),
            families: CollectorCatalogue.all.filter { collection.collectors.contains($0.name) }
                .flatMap(CollectorCatalogue.families) + CollectorCatalogue.ownFamilies + ExporterResponder.ownFamilies,
            workspaceIDs: collection.workspaceIDs)
    }

    private func listener(
        _ sockets: [InheritedSocket]?, security: @escaping @Sendable () -> ConnectionSecurity?,
        _ handler: @escaping HTTPListener.Handler
    ) async throws -> HTTPListener {
        var configuration = ListenerConfiguration()
        configuration.maximumConnections = web.maximumConnections
        configuration.security = security
        do {
            if let sockets { return try await HTTPListener.adopt(sockets, configuration: configuration, handler: handler) }
            return try await HTTPListener.bind(to: web.listenAddresses, configuration: configuration, handler: handler)
        } catch let error as BindError {
            throw InvalidArgument("\(sockets == nil ? "--web.listen-address" : "--web.systemd-socket"): \(error)")
        }
    }

    private func inheritedSockets() throws -> [InheritedSocket] {
        do {
            return try InheritedSocket.takeAll()
        } catch {
            throw InvalidArgument("--web.systemd-socket: \(error)")
        }
    }
}

extension WebTime {
    /// The exporter's own time.
    fileprivate init(_ time: TimeSource) {
        self.init(
            uptime: { time.uptime }, timestampSeconds: { time.now.timeIntervalSince1970 },
            sleep: { try await time.sleep(until: time.uptime + $0) })
    }
}
