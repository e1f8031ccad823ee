internal import ArgumentParser
internal import Configuration
internal import FlashbackRecording
internal import FlashbackSimulator
internal import HTTPServer
internal import Logging
internal import NIOSSL
internal import ServiceLifecycle
internal import UnixSignals

/// Serves the simulated storage API until stopped.
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flashback-simulator",
        abstract: "Serves the bucket part of Flashback's storage API with made-up buckets, for demonstrations and tests.",
        discussion: "The second bucket is permanently unhealthy, and the totals of the first one exceed 2^53.")

    @Option(
        name: .customLong("web.listen-address"),
        help: "Address to listen on, host:port; may be given several times. Port 0 lets the system choose.")
    var listenAddresses: [ListenAddress] = []

    @Option(name: .customLong("tls.certificate-file"), help: "PEM file with the certificate chain; serves HTTPS.")
    var certificateFile: String?

    @Option(name: .customLong("tls.key-file"), help: "PEM file with the certificate's private key.")
    var keyFile: String?

    @Option(help: "Access token that is always accepted and never expires; not a secret.")
    var token = "simulated-token"

    @Option(help: "Serve this recording of flashback-exporter record instead of a simulation; any token is accepted.")
    var replay: String?

    @Flag(name: .customLong("replay.timing"), help: "Make each answer of the recording take as long as the recorded one.")
    var replayTiming = false

    @OptionGroup(title: "Simulation")
    var world: WorldOptions

    @OptionGroup(title: "Variants of the API")
    var dialect: DialectOptions

    @OptionGroup
    var log: LogOptions

    func run() async throws {
        let logger = log.logger(label: "flashback-simulator")
        var configuration = world.configuration
        configuration.staticToken = token
        configuration.dialect = dialect.dialect
        if let replay {
            let recording: Recording
            do throws(RecordingError) {
                recording = try Recording(file: replay)
            } catch {
                throw InvalidArgument("--replay: \(error)")
            }
            return try await serve(RecordingReplay(recording, keepsTiming: replayTiming), credentials: [], logger)
        }
        // These credentials are made up and protect nothing, so they may be printed.
        let credentials = [
            "Access token: \(token)", "E-mail: \(configuration.email)", "Password: \(configuration.password)",
        ]
        try await serve(FlashbackSimulation(configuration), credentials: credentials, logger)
    }

    /// - Parameter credentials: lines to print after the addresses.
    private func serve<API: SimulatedAPI>(_ api: API, credentials: [String], _ logger: Logger) async throws {
        let addresses = listenAddresses.isEmpty ? [ListenAddress(host: "127.0.0.1", port: 10421)] : listenAddresses
        let simulator: SimulatorServer<API>
        do {
            simulator = try await SimulatorServer.start(api, addresses: addresses, tls: try tlsConfiguration(), logger: logger)
        } catch let error as BindError {
            throw InvalidArgument("\(error); choose another one with --web.listen-address")
        }
        let lines = simulator.addresses.map { "Listening on \(simulator.url(of: $0))" } + credentials
        let notice = StartupNotice { try StandardStream.output.write(lines.map { "\($0)\n" }.joined()) }
        let services = ServiceGroup(
            configuration: .init(
                services: [.init(service: simulator), .init(service: notice)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await services.run()
    }

    func validate() throws {
        if (certificateFile == nil) != (keyFile == nil) {
            throw InvalidArgument("--tls.certificate-file and --tls.key-file go together")
        }
        if replayTiming, replay == nil { throw InvalidArgument("--replay.timing needs --replay") }
        if token.isEmpty { throw InvalidArgument("--token must not be empty") }
    }

    private func tlsConfiguration() throws -> TLSConfiguration? {
        guard let certificateFile, let keyFile else { return nil }
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) }
        } catch {
            throw InvalidArgument("--tls.certificate-file: cannot read a PEM certificate from \(certificateFile)")
        }
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw InvalidArgument("--tls.key-file: cannot read a PEM private key from \(keyFile)")
        }
        return TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
    }
}
