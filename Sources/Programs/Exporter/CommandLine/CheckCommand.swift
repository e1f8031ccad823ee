internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackAPI
internal import FlashbackRecording
internal import Logging

/// Reports whether the exporter would work with these flags, how many requests it would make, and what a scrape would cost.
struct CheckCommand: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check configuration, token and API, and show how many requests and series there would be.")

    @Flag(help: "Make the collectors' requests once, and compare the responses with what the exporter knows.")
    var contract = false

    @Option(help: ArgumentHelp("Recording to compare, instead of asking the API; needs --contract.", valueName: "file"))
    var recording: String?

    // Declared for `--help` only; the values are read from the layered configuration.
    @OptionGroup(title: "Configuration") var configurationOptions: ConfigurationOptions
    @OptionGroup(title: "Flashback API") var flashback: FlashbackOptions
    @OptionGroup(title: "Collection") var collection: CollectionOptions
    @OptionGroup(title: "Collectors") var collectors: CollectorFlags
    @OptionGroup(title: "Narrowing") var narrowing: NarrowingOptions
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Logging") var log: LogOptions

    func run(_ configuration: LayeredConfiguration) async throws {
        if let recording {
            guard contract else { throw InvalidArgument("--recording needs --contract") }
            return try Self.compare(recording)
        }
        if configurationOptions.onlyChecks { return try await ConfigurationCheck.run(ExporterSettings(configuration)) }
        let options = try configuration.parse(ExporterOptions.self)
        let logger = options.log.logger(label: "flashback-exporter")
        let lines = OutputLines()
        let accounts = try ConfiguredAccounts.settings(configuration, options)
        if contract { return try await Self.compare(accounts, logger) }
        let works = try await Interruption.ending {
            var works = true
            for account in accounts where !Task.isCancelled {
                let check = AccountCheck(account: account, time: .system(), logger: logger) { line in
                    // After cancellation, failures say nothing about the account.
                    if !Task.isCancelled { lines.write(line) }
                }
                if !(try await check.succeeds()) { works = false }
            }
            return works
        }
        try lines.finish()
        if !works { throw ExitCode.failure }
    }

    // MARK: The contract

    /// - Throws: status 1 if the API's responses differ from the known contract, so that some data is not exported.
    private static func compare(_ path: String) throws {
        let check = ContractCheck()
        do throws(RecordingError) {
            check.examine(try Recording(file: path))
        } catch {
            throw InvalidArgument("--recording: \(error)")
        }
        try report([check])
    }

    private static func compare(_ accounts: [AccountSettings], _ logger: Logger) async throws {
        var checks: [ContractCheck] = []
        var succeeded = true
        for account in accounts {
            let check = ContractCheck(baseURL: account.upstream.baseURL)
            let collection = SingleCollection(accounts: [account.collectedOnce], observer: check, logger: logger)
            let result = try await Interruption.ending { try await collection.run() }
            succeeded = succeeded && result.succeeded
            checks.append(check)
        }
        try report(checks)
        if !succeeded { throw ExitCode.failure }
    }

    private static func report(_ checks: [ContractCheck]) throws {
        for line in checks.flatMap(\.lines) { try StandardStream.output.write(line + "\n") }
        if checks.contains(where: \.hasProblems) { throw ExitCode.failure }
    }
}
