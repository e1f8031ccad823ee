internal import Basics
internal import CAllocator
internal import Configuration
internal import ExporterWeb
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FoundationEssentials
internal import HTTPServer
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The program `flashback-exporter`.
@main
enum FlashbackExporterProgram {
    static func main() async {
        // Must run before there are threads. Memory allocated and freed by a refresh moves between threads; with a heap per
        // thread, each would retain its own peak. Threads rarely allocate at the same time.
        callocator_keep_little()
        await CommandLineProgram.main(ExporterCommand.self, configuredBy: ExporterConfiguration.rules)
    }
}

/// Wires accounts, configuration and listener together.
struct Exporter {
    let settings: ExporterSettings
    let logger: Logger
    /// Reads the configuration again; nil if it cannot be reloaded, as in the demo.
    var reload: (@Sendable () throws -> ExporterSettings)?

    /// How long shutdown waits for responses in progress. All of shutdown takes at most five seconds.
    private static let drainTimeout = Duration.milliseconds(3500)

    /// Serves until SIGTERM or SIGINT, then finishes responses in progress.
    /// - Parameters:
    ///   - others: additional services, which end after the exporter.
    ///   - listening: called with the listener's addresses once it is listening.
    /// - Throws: a one-line error when it cannot start.
    func run(
        beside others: [any Service] = [], listening: @escaping @Sendable ([ListenAddress]) throws -> Void = { _ in }
    ) async throws {
        // From here on, a signal ends the program gracefully, even before it listens.
        let stops = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        // This changes the environment, so it must come before anything reads it.
        let sockets = try settings.web.usesSystemdSocket ? inheritedSockets() : nil
        // From here on SIGHUP does not end the process.
        let hangups = reload == nil ? nil : await UnixSignalsSequence(trapping: .sighup)
        let time = TimeSource.system()
        let accounts = try await AccountSet(settings.accounts, time: time, logger: logger)
        do {
            try await serve(accounts, sockets, (stops, hangups), time, others, listening)
        } catch {
            await accounts.close()
            throw error
        }
        await accounts.close()
        logger.info("stopped")
    }

    private func serve(
        _ accounts: AccountSet, _ sockets: [InheritedSocket]?,
        _ signals: (stops: UnixSignalsSequence, hangups: UnixSignalsSequence?), _ time: TimeSource, _ others: [any Service],
        _ listening: @escaping @Sendable ([ListenAddress]) throws -> Void
    ) async throws {
        let configuration = RunningConfiguration(settings, accounts: accounts, time: time, logger: logger, read: reload)
        let protected = ProtectedResponder(
            maximumRequests: { configuration.web.maximumRequests }, time: time, policy: { configuration.policy },
            responder: { await configuration.responder.respond(to: $0) })
        let listener = try await listener(sockets, security: { configuration.security }) { await protected.respond(to: $0) }
        let notice = StartupNotice { [logger, settings] in
            for address in listener.addresses {
                logger.info(
                    "listening",
                    metadata: [
                        "address": "\(address)", "tls": "\(configuration.security != nil)",
                        "api": "\(settings.accounts.map { $0.upstream.baseURL.description }.joined(separator: " "))",
                        "version": "\(BuildInformation.version)", "revision": "\(BuildInformation.revision)",
                    ])
            }
            try listening(listener.addresses)
        }
        // Services are stopped in reverse order: the listener before its data sources.
        let services: [any Service] =
            others + [accounts] + configuration.services
            + reloadTriggers(of: configuration, signals.hangups, time) + [listener, notice]
        let group = ServiceGroup(services: services, logger: logger)
        let stop = Task {
            guard await signals.stops.first(where: { _ in true }) != nil else { return }
            // Started at once, so that its time limit has passed by the time the listener has finished its responses.
            async let renewalsAreOver: Void = accounts.endRenewals()
            await group.triggerGracefulShutdown()
            await renewalsAreOver
        }
        defer { stop.cancel() }
        try await group.run()
    }

    private func reloadTriggers(
        of configuration: RunningConfiguration, _ hangups: UnixSignalsSequence?, _ time: TimeSource
    ) -> [any Service] {
        guard let hangups else { return [] }
        let watch = settings.watchedFile.map { ConfigurationFileService(file: $0, time: time, configuration: configuration) }
        return [SIGHUPService(hangups: hangups, configuration: configuration)] + (watch.map { [$0] } ?? [])
    }

    private func listener(
        _ sockets: [InheritedSocket]?, security: @escaping @Sendable () -> ConnectionSecurity?,
        _ handler: @escaping HTTPListener.Handler
    ) async throws -> HTTPListener {
        var configuration = ListenerConfiguration()
        configuration.maximumConnections = settings.web.maximumConnections
        configuration.drainTimeout = Self.drainTimeout
        configuration.security = security
        do {
            if let sockets { return try await HTTPListener.adopt(sockets, configuration: configuration, handler: handler) }
            return try await HTTPListener.bind(to: settings.web.listenAddresses, configuration: configuration, handler: handler)
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
