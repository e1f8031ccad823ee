internal import ArgumentParser
internal import Configuration
internal import HTTPServer

/// Checks the exporter's health for a container engine, without needing another program in the image.
struct HealthcheckCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Check whether the exporter on this machine is healthy; status 1 if it is not.",
        discussion: """
            Takes the exporter's configuration: it queries the first --web.listen-address, with TLS if \
            --web.config.file enables it. With --pid it uses the flags of the running exporter, as in \
            the image's health check. It cannot query an exporter that requires client certificates.
            """)

    @Option(
        help: ArgumentHelp(
            "Process of the exporter, or of an init that runs it; its flags apply unless given here; 1 in a container.",
            valueName: "number"))
    var pid: Int32?

    @Option(duration: "timeout", default: .seconds(3), help: "Timeout for the exporter's response.")
    var timeout: PrometheusDuration

    // Declared for `--help` only; the values are read from the layered configuration.
    @Option(
        name: .customLong("config.file"),
        help: ArgumentHelp("The exporter's configuration file.", valueName: "file"))
    var configurationFile: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp("The address that the exporter listens on. (default: :10420)", valueName: "address"))
    var listenAddresses: [ListenAddress] = []

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp("The exporter's web configuration file.", valueName: "file"))
    var webConfigurationFile: String?

    func run(_ configuration: LayeredConfiguration) async throws {
        guard timeout.duration > .zero else { throw InvalidArgument("--timeout must be more than 0s") }
        let configuration = try pid.map { try Self.configuration(of: $0, beneath: configuration) } ?? configuration
        let web = try configuration.parse(ExporterOptions.self).web.configuration()
        guard let address = web.listenAddresses.first, address.port > 0 else {
            throw InvalidArgument("--web.listen-address must include the port that the exporter listens on")
        }
        let finding = try await HealthCheck(address: address, scheme: web.scheme, timeout: timeout.duration).finding()
        let stream = finding.isHealthy ? StandardStream.output : StandardStream.error
        try stream.write("\(finding.line)\n")
        if !finding.isHealthy { throw ExitCode.failure }
    }

    /// The configuration of a running exporter, overridden by this command's own flags.
    private static func configuration(
        of process: Int32, beneath own: LayeredConfiguration
    ) throws -> LayeredConfiguration {
        guard let arguments = try ProcessArguments.ofExporter(process) else {
            throw InvalidArgument("--pid: process \(process) is not flashback-exporter")
        }
        return try LayeredConfiguration(ExporterConfiguration.rules, arguments: arguments, environment: own.environment)
            .replacing(own.values.filter { $0.value.origin == .commandLine })
    }
}
