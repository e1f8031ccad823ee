import ArgumentParser
import Basics
import Configuration
import ExporterWeb
import FlashbackAPI
import FlashbackCollectors
import FlashbackSimulator
import HTTPClient
import HTTPServer
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport
import TestTools

@testable import FlashbackExporter

/// Accounts and the configuration that serves them, in this process, on the test's time and without a listener.
struct RunningAccounts {
    let accounts: AccountSet
    let configuration: RunningConfiguration
    let time: ManualTime
    let log: RecordedLog

    /// Runs the accounts while the body runs.
    /// - Parameter reload: reads the configuration again.
    static func running<Result: Sendable>(
        _ settings: ExporterSettings, time: ManualTime = ManualTime(), reload: (@Sendable () throws -> ExporterSettings)? = nil,
        _ body: (RunningAccounts) async throws -> Result
    ) async throws -> Result {
        let log = RecordedLog()
        let accounts = try await AccountSet(settings.accounts, time: time.source, logger: log.logger)
        let configuration = RunningConfiguration(
            settings, accounts: accounts, time: time.source, logger: log.logger, read: reload)
        return try await withThrowingTaskGroup { group in
            group.addTask { try await accounts.run() }
            let running = RunningAccounts(accounts: accounts, configuration: configuration, time: time, log: log)
            do {
                let result = try await body(running)
                group.cancelAll()
                try await group.waitForAll()
                return result
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    func ask(_ path: String, _ method: HTTPRequest.Method = .get) async -> ListenerResponse {
        await configuration.responder.respond(
            to: ListenerRequest(head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path)))
    }

    func text(_ path: String, _ method: HTTPRequest.Method = .get) async -> String {
        String(decoding: await ask(path, method).body.bytes, as: UTF8.self)
    }

    func scrape(_ query: String = "") async throws -> ParsedExposition {
        try ParsedExposition(await ask("/metrics\(query)").body.bytes)
    }

    /// The sample lines about an account, without those about the exporter itself.
    func lines(of name: String?) async -> [Substring] {
        await text("/metrics").split(separator: "\n").filter { line in
            !line.hasPrefix("#") && !line.hasPrefix("process_") && !line.hasPrefix("flashback_exporter_build_info")
                && !line.hasPrefix("flashback_exporter_config_") && (name == nil || line.contains("{account=\"\(name ?? "")\""))
        }
    }
}

/// The configuration that the next reload reads.
final class WrittenSettings: Sendable {
    private let content: NIOLockedValueBox<Result<ExporterSettings, InvalidArgument>>

    init(_ settings: ExporterSettings) { content = NIOLockedValueBox(.success(settings)) }

    func write(_ settings: ExporterSettings) { content.withLockedValue { $0 = .success(settings) } }
    func spoil(_ reason: String) { content.withLockedValue { $0 = .failure(InvalidArgument(reason)) } }
    func read() throws -> ExporterSettings { try content.withLockedValue { $0 }.get() }
}

extension ExporterSettings {
    /// The settings of some accounts.
    static func of(_ accounts: AccountSettings...) throws -> ExporterSettings {
        ExporterSettings(accounts: accounts, web: WebSettings(listenAddresses: []), log: try LogOptions.parse([]))
    }
}

extension AccountSettings {
    /// The token that all simulations here accept.
    static let token = "token-of-the-account-tests"

    /// An account of a simulator.
    init(
        _ name: String?, _ simulator: FlashbackSimulator, credentials: Credentials? = nil, concurrency: Int = 8,
        _ change: (inout CollectionConfiguration) -> Void = { _ in }
    ) throws {
        // Time-outs that are long enough for a stalling machine.
        let transport = CurlTransportConfiguration(connectTimeout: .seconds(120), totalTimeout: .seconds(300))
        var collection = CollectionConfiguration()
        change(&collection)
        self.init(
            name: name.map { Identifier($0) },
            upstream: Upstream(
                baseURL: try APIBaseURL(parsing: simulator.url),
                credentials: try credentials ?? .token(AccessToken(parsing: Self.token)), transport: transport,
                concurrency: concurrency),
            collection: collection)
    }
}

extension FlashbackSimulation {
    /// A small account on the test's time.
    /// - Parameter clock: the clock for the simulation's delays; nil for the test's own.
    static func account(
        buckets: Int = 3, seed: UInt64 = 1, time: ManualTime, clock: ManualClock? = nil
    ) -> FlashbackSimulation {
        var configuration = SimulatorConfiguration()
        configuration.seed = seed
        configuration.buckets = buckets
        configuration.staticToken = AccountSettings.token
        return FlashbackSimulation(configuration, now: { time.now }, clock: clock ?? time.clock)
    }

    /// Serves two simulations while the body runs.
    static func serving<Result: Sendable>(
        _ one: FlashbackSimulation, _ two: FlashbackSimulation,
        _ body: @escaping @Sendable (FlashbackSimulator, FlashbackSimulator) async throws -> Result
    ) async throws -> Result {
        try await FlashbackSimulator.serving(one) { first in
            try await FlashbackSimulator.serving(two) { second in try await body(first, second) }
        }
    }
}
