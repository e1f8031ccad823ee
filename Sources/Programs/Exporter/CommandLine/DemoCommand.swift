internal import ArgumentParser
internal import Configuration
internal import ExporterWeb
internal import FlashbackAPI
internal import FlashbackCollectors
internal import FlashbackRecording
internal import FlashbackSimulator
internal import HTTPClient
internal import HTTPServer

/// Runs the exporter with a simulated account in one process, for users without an account.
struct DemoCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Run the exporter against an embedded simulator of the API: no account needed.")

    @Option(parsing: .unconditional, help: ArgumentHelp("Buckets of the simulated account.", valueName: "count"))
    var buckets = 20

    @Option(parsing: .unconditional, help: ArgumentHelp("Bridge nodes of each bucket.", valueName: "count"))
    var nodes = 3

    @Option(
        help: ArgumentHelp("Serve this recording of the command record instead of a simulated account.", valueName: "file"))
    var replay: String?

    @Flag(name: .customLong("replay.timing"), help: "Make each answer of the recording take as long as the recorded one.")
    var replayTiming = false

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Web") var web: WebOptions
    @OptionGroup(title: "Probes") var probes: ProbeOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        guard buckets >= 0, nodes >= 0 else { throw InvalidArgument("--buckets and --nodes must not be negative") }
        guard replay != nil || !replayTiming else { throw InvalidArgument("--replay.timing needs --replay") }
        let options = try configuration.parse(ExporterOptions.self)
        guard let replay else {
            let simulation = FlashbackSimulation(simulatorConfiguration)
            // A demonstration shows everything.
            var collection = CollectionConfiguration()
            collection.collectors = Set(CollectorCatalogue.all.map { $0.name })
            return try await run(simulation, token: simulation.issueTokens().accessToken, collection, options)
        }
        let recording: Recording
        do throws(RecordingError) {
            recording = try Recording(file: replay)
        } catch {
            throw InvalidArgument("--replay: \(error)")
        }
        try await run(
            RecordingReplay(recording, keepsTiming: replayTiming), token: "replayed", CollectionConfiguration(), options)
    }

    private func run(
        _ api: some SimulatedAPI, token: String, _ collection: CollectionConfiguration, _ options: ExporterOptions
    ) async throws {
        let web = try options.web.configuration()
        var collection = collection
        collection.metrics = try options.metrics.selection()
        let simulator = try await SimulatorServer.start(api)
        let settings = ExporterSettings(
            accounts: [
                AccountSettings(
                    upstream: Upstream(
                        baseURL: try APIBaseURL(parsing: simulator.url),
                        credentials: .token(try AccessToken(parsing: token)),
                        transport: CurlTransportConfiguration(), concurrency: 16),
                    collection: collection)
            ],
            web: web, enablesLifecycle: options.web.enablesLifecycle, log: options.log,
            probes: try options.probes.limits())
        let exporter = Exporter(settings: settings, logger: options.log.logger(label: "flashback-exporter"))
        try await exporter.run(beside: [simulator]) { addresses in
            guard let address = addresses.first else { return }
            try StandardStream.output.write(Self.welcome(at: address, web, isReplay: replay != nil))
        }
    }

    /// An API with latency and occasional errors, and a token that outlives the demo.
    private var simulatorConfiguration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.buckets = buckets
        configuration.nodes = nodes
        configuration.latency = .milliseconds(20)
        configuration.jitter = .milliseconds(30)
        configuration.accessTokenLifetime = .seconds(365 * 86_400)
        return configuration
    }

    private static func welcome(at address: ListenAddress, _ web: WebSettings, isReplay: Bool) -> String {
        let telemetryPath = web.telemetryPath
        let target = ListenAddress(host: address.host ?? "localhost", port: address.port)
        let scheme = web.scheme
        let metricsPath =
            (scheme == "http" ? "" : "\n    scheme: https")
            + (telemetryPath == ExporterResponder.usualTelemetryPath ? "" : "\n    metrics_path: \(telemetryPath)")
        return """
            The exporter reads a \(isReplay ? "recording" : "simulated account"). Look at:

              \(scheme)://\(target)\(telemetryPath)    the metrics
              \(scheme)://\(target)/    the status page

            To have Prometheus scrape it, add to prometheus.yml:

            scrape_configs:
              - job_name: flashback\(metricsPath)
                static_configs:
                  - targets: ["\(target)"]

            Stop it with Ctrl-C.

            """
    }
}
