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
        // Before there are threads. What a refresh needs and then frees moves between them; in heaps of their own each would keep
        // the most that it ever needed. They rarely allocate at the same time.
        callocator_keep_little()
        await CommandLineProgram.main(ExporterCommand.self, configuredBy: ExporterConfiguration.rules)
    }
}

/// The exporter put together: accounts, configuration and listener.
struct Exporter {
    let settings: ExporterSettings
    let logger: Logger
    /// Reads the configuration again; nil where there is none to read, as in the demo.
    var reload: (@Sendable () throws -> ExporterSettings)?

    /// Serves until the process is told to stop with SIGTERM or SIGINT, then finishes the responses under way.
    /// - Parameters:
    ///   - others: services that run beside it and end after it.
    ///   - listening: is told where the exporter listens once it does.
    /// - Throws: an error of one line when it cannot start.
    func run(
        beside others: [any Service] = [], listening: @escaping @Sendable ([ListenAddress]) throws -> Void = { _ in }
    ) async throws {
        // Before anything else reads the environment, which this changes.
        let sockets = try settings.web.usesSystemdSocket ? inheritedSockets() : nil
        // From now on the signal is not the end of the process.
        let hangups = reload == nil ? nil : await UnixSignalsSequence(trapping: .sighup)
        let time = TimeSource.system()
        let accounts = try await AccountSet(settings.accounts, time: time, logger: logger)
        do {
            try await serve(accounts, sockets, hangups, time, others, listening)
        } catch {
            await accounts.close()
            throw error
        }
        await accounts.close()
        logger.info("stopped")
    }

    private func serve(
        _ accounts: AccountSet, _ sockets: [InheritedSocket]?, _ hangups: UnixSignalsSequence?, _ time: TimeSource,
        _ others: [any Service], _ listening: @escaping @Sendable ([ListenAddress]) throws -> Void
    ) async throws {
        let configuration = RunningConfiguration(settings, accounts: accounts, time: time, logger: logger, read: reload)
        let protected = ProtectedResponder(
            maximumRequests: { configuration.web.maximumRequests }, uptime: { time.uptime }, policy: { configuration.policy },
            responder: { await configuration.responder.respond(to: $0) })
        let listener = try await listener(sockets, security: { configuration.security }) { await protected.respond(to: $0) }
        let notice = StartupNotice { [logger, settings] in
            for address in listener.addresses {
                logger.info(
                    "listening",
                    metadata: [
                        "address": "\(address)", "tls": "\(configuration.security != nil)",
                        "api": "\(settings.accounts.map { $0.upstream.baseURL.description }.joined(separator: " "))",
                    ])
            }
            try listening(listener.addresses)
        }
        // Services are stopped from the last to the first: the listener before what it answers from.
        let services: [any Service] =
            others + [accounts] + configuration.services
            + (hangups.map { [HangupService(hangups: $0, configuration: configuration)] } ?? []) + [listener, notice]
        try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }

    private func listener(
        _ sockets: [InheritedSocket]?, security: @escaping @Sendable () -> ConnectionSecurity?,
        _ handler: @escaping HTTPListener.Handler
    ) async throws -> HTTPListener {
        var configuration = ListenerConfiguration()
        configuration.maximumConnections = settings.web.maximumConnections
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
