internal import ArgumentParser
internal import Configuration
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
        let addresses = listenAddresses.isEmpty ? [ListenAddress(host: "127.0.0.1", port: 10421)] : listenAddresses
        let simulator: FlashbackSimulator
        do {
            simulator = try await FlashbackSimulator.start(
                FlashbackSimulation(configuration), addresses: addresses, tls: try tlsConfiguration(), logger: logger)
        } catch let error as BindError {
            throw InvalidArgument("\(error); choose another one with --web.listen-address")
        }
        let notice = StartupNotice { [configuration] in try announce(simulator, configuration) }
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

    /// These credentials are made up and protect nothing, so they may be printed.
    private func announce(_ simulator: FlashbackSimulator, _ configuration: SimulatorConfiguration) throws {
        let lines =
            simulator.addresses.map { "Listening on \(simulator.url(of: $0))" } + [
                "Access token: \(token)", "E-mail: \(configuration.email)", "Password: \(configuration.password)",
            ]
        try StandardStream.output.write(lines.map { "\($0)\n" }.joined())
    }
}
