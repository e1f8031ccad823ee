import FlashbackSimulator
import Foundation
import TestSupport

/// The program `flashback-exporter`, started by a test.
struct RunningExporter {
    let process: RunningProcess
    /// The addresses on which it listens, each as `host:port`.
    let addresses: [String]

    /// A token that the simulations of these tests accept.
    static let token = "end-to-end-token"

    /// Time-outs that no test examines, long enough for a stalling machine.
    private static let patience = ["--flashback.connect-timeout", "2m", "--flashback.timeout", "5m", "--scrape.timeout", "5m"]

    /// Runs the exporter on ports chosen by the kernel while the body runs.
    /// - Parameters:
    ///   - url: the API's URL.
    ///   - token: the token in its environment; nil for none.
    ///   - listeners: the number of addresses to listen on.
    static func running<Result>(
        _ url: String, _ arguments: [String] = [], token: String? = token, environment: [String: String] = [:],
        listeners: Int = 1, _ body: (RunningExporter) async throws -> Result
    ) async throws -> Result {
        var environment = environment
        environment["FLASHBACK_TOKEN"] = token
        let listening = Array(repeating: ["--web.listen-address", "127.0.0.1:0"], count: listeners).flatMap(\.self)
        return try await running(
            listening + patience + ["--flashback.url", url] + arguments, environment: environment, listeners: listeners, body)
    }

    /// Runs the exporter with a configuration file while the body runs.
    static func running<Result>(
        configuredBy file: String, _ arguments: [String] = [], _ body: (RunningExporter) async throws -> Result
    ) async throws -> Result {
        try await running(
            ["--web.listen-address", "127.0.0.1:0", "--config.file", file] + patience + arguments, environment: [:], listeners: 1,
            body)
    }

    /// Runs the exporter with its embedded simulator while the body runs.
    static func runningDemo<Result>(
        _ arguments: [String] = [], _ body: (RunningExporter) async throws -> Result
    ) async throws -> Result {
        try await running(
            ["demo", "--web.listen-address", "127.0.0.1:0", "--scrape.timeout", "5m"] + arguments, environment: [:], listeners: 1,
            body)
    }

    private static func running<Result>(
        _ arguments: [String], environment: [String: String], listeners: Int,
        _ body: (RunningExporter) async throws -> Result
    ) async throws -> Result {
        try await Midnight.keepAway()
        return try await RunningProcess.running(Program.exporter, arguments, environment: environment) { process in
            let lines = try await process.lines(containing: "listening", count: listeners)
            let addresses = lines.compactMap { line in
                line.firstMatch(of: /"?address"?[=:]"?([^ ",]+)/).map { String($0.1) }
            }
            return try await body(RunningExporter(process: process, addresses: addresses))
        }
    }

    func url(_ path: String = "/metrics") -> String { "http://\(addresses[0])\(path)" }

    func send(_ method: String = "GET", _ path: String, fields: [String: String] = [:]) async throws -> HTTP.Answer {
        try await HTTP.send(method, url(path), fields: fields)
    }

    func scrape(_ path: String = "/metrics", fields: [String: String] = [:]) async throws -> Metrics {
        try Metrics(try await send("GET", path, fields: fields).text)
    }
}

extension FlashbackSimulation {
    /// A simulation that accepts ``RunningExporter/token`` and answers at once.
    static func small(
        buckets: Int = 3, clock: any Clock<Duration> = ContinuousClock(),
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> FlashbackSimulation {
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        configuration.staticToken = RunningExporter.token
        change(&configuration)
        return FlashbackSimulation(configuration, clock: clock)
    }
}
