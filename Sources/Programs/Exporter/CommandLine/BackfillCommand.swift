internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import FlashbackCollectors

/// Writes the daily statistics of past days for import into Prometheus.
struct BackfillCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Write past daily statistics for promtool to import; status 1 if some could not be read.",
        discussion: """
            The file is for `promtool tsdb create-blocks-from openmetrics`. A run that was interrupted is continued by the \
            same command; until then, FILE.part keeps what was read.
            """)

    @Option(help: ArgumentHelp("First UTC day, such as 2026-10-01.", valueName: "day"))
    var from: String

    @Option(help: ArgumentHelp("UTC day after the last one; at most today.", valueName: "day"))
    var to: String

    @Option(help: ArgumentHelp("File to write; it is replaced when everything has been read.", valueName: "file"))
    var output: String

    @Option(
        duration: "step", default: .seconds(300),
        help: "Time between two samples; with more than Prometheus' lookback of 5m, graphs have gaps.")
    var step: PrometheusDuration

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp(
            "Label to add to every series; give the job and instance of the scrape, such as job=flashback; may be repeated.",
            valueName: "name=value"))
    var labels: [String] = []

    @Option(
        name: .customLong("account"),
        help: ArgumentHelp("Account to read, if --config.file has several; may be repeated. (default: all)", valueName: "name"))
    var accountNames: [String] = []

    @Flag(help: "Write each bucket's traffic by day too, from GET /v2/stats/storage: one more request per bucket.")
    var traffic = false

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        let time = TimeSource.system()
        let request = try BackfillRequest(
            from: from, to: to, step: step.duration, labels: labels, output: output, includesTraffic: traffic,
            now: time.now)
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        let accounts = try Self.selected(accountNames, of: try ConfiguredAccounts.settings(configuration, options))
        guard accounts.contains(where: { !DailyFamilies.collectors(in: $0.collection).isEmpty }) else {
            throw InvalidArgument("the collectors daily and yesterday are both off; there is nothing to backfill")
        }
        let backfill = Backfill(
            accounts: accounts, request: request, time: time, logger: options.log.logger(label: "flashback-exporter"),
            report: BackfillReport { line in try? StandardStream.error.write("flashback-exporter: \(line)\n") })
        let isComplete = try await Interruption.ending { try await backfill.run() }
        if !isComplete { throw ExitCode.failure }
    }

    private static func selected(
        _ names: [String], of accounts: [AccountSettings]
    ) throws(InvalidArgument) -> [AccountSettings] {
        for name in names where !accounts.contains(where: { $0.name == Identifier(name) }) {
            let known = accounts.compactMap(\.name?.text.debugDescription).joined(separator: ", ")
            throw InvalidArgument(
                "--account: there is no account \(name.debugDescription)"
                    + (known.isEmpty ? "; only --config.file can name accounts" : "; there are \(known)"))
        }
        return names.isEmpty ? accounts : accounts.filter { account in names.contains { account.name == Identifier($0) } }
    }
}
