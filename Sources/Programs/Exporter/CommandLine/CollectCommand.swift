internal import ArgumentParser
internal import Configuration
internal import ExporterWeb
internal import Exposition
internal import FlashbackAPI
internal import FlashbackCollectors
internal import NIOCore

/// Collects once and exits: for node_exporter's textfile collector, cron or manual use.
struct CollectCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Collect once, write the metrics and exit; status 1 if a collector failed.")

    @Option(
        help: ArgumentHelp(
            "File to replace atomically, as node_exporter's textfile collector requires, or pipe or device to write to. (default: the standard output)",
            valueName: "path"))
    var output: String?

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        let collection = SingleCollection(
            accounts: try ConfiguredAccounts.settings(configuration, options).map(\.collectedOnce),
            logger: options.log.logger(label: "flashback-exporter"))
        let (snapshot, succeeded) = try await Interruption.ending { try await collection.run() }
        let body = snapshot.body(in: .text).lazy.map { Array($0.bytes.readableBytesView) }
        if let output {
            try TextFile.write(body, to: output)
        } else {
            for piece in body { try StandardStream.output.write(piece) }
        }
        if !succeeded { throw ExitCode.failure }
    }
}
